# SPDX-License-Identifier: BSD-3-Clause
"""Writes what bench.py measured into docs/performance.md, between its marks, and the plots beside it."""
import os
import pathlib
import platform
import re
import subprocess
import tempfile

import plan

TITLES = {
    "raw": "bare round trip", "native": "libcrypto", "softhsm": "SoftHSM2", "p11kit": "SoftHSM2, p11-kit remote",
    "direct": "Craton in-process", "craton": "Craton", "audited": "Craton, audit=keys",
}


def us(ns):
    """Three digits are what can be meant."""
    if ns is None:
        return "-"
    value = ns / 1000
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def ms(ns):
    return "-" if ns is None else f"{ns / 1e6:.2f}"


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "| " + " | ".join(["---"] + ["---:"] * (len(heads) - 1)) + " |"]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def machine(results):
    # No name of a machine: what it is, not whose.
    model = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    cores = len(os.sched_getaffinity(0))
    return (f"{model[1] if model else platform.machine()}, {cores} processors, Linux {platform.release().split('-')[0]}, "
            f"{' '.join(platform.libc_ver())}. Load when the run began: {results.extra['load']:.1f}, when it ended: "
            f"{results.extra['load after']:.1f}.\n")


def goal_value(results, goal):
    if not goal.below:
        value = results.value(*goal.above)
        return None if value is None else value / goal.unit
    return results.ratio(goal.above, goal.below)


def shown(goal, value):
    return f"{value:.3f}" if value < 2 else f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def goals(results):
    rows = []
    for goal in plan.GOALS:
        value = goal_value(results, goal)
        if value is None:
            rows.append((goal.number, goal.text, "", "not measured", ""))
            continue
        held = value >= goal.limit if goal.at_least else value <= goal.limit
        limit = f"{'at least' if goal.at_least else 'at most'} {goal.limit:g}{goal.suffix}"
        rows.append((goal.number, goal.text, limit, shown(goal, value) + goal.suffix, "pass" if held else "**miss**"))
    return table(("goal", "what", "wanted", "measured", ""), rows)


def calls(results):
    rows = []
    for each in plan.CALLS:
        if each.threads > 1:
            continue
        row = [each.title]
        for name in plan.EVERYBODY:
            p50, p99 = (results.value(each.name, name, field) for field in ("p50", "p99"))
            row.append("-" if p50 is None else f"{us(p50)} ({us(p99)})")
        rows.append(row)
    return table(["us: p50 (p99)"] + [TITLES[name] for name in plan.EVERYBODY], rows)


def threads(results):
    rows = []
    for key, title in (("info", "C_GetSessionInfo"), ("ec sign", "ECDSA P-256 sign")):
        for n in (1, 2, 4, 8):
            measure = key if n == 1 else f"{key} {n}"
            if measure not in results.figures:
                continue
            rates = [results.value(measure, name, "rate") for name in plan.MODULES]
            rows.append([f"{title}, {n}"] + ["-" if rate is None else f"{rate:,.0f}" for rate in rates])
    return table(["calls a second, threads"] + [TITLES[name] for name in plan.MODULES], rows)


def starts(results):
    rows = []
    for what, kind in plan.STARTS:
        for name in plan.START_SUBJECTS[what]:
            values = [results.value(f"{what} {kind}", name, stage) for stage in plan.STAGES]
            rows.append([f"{what}, {kind}: {TITLES[name]}"] + [ms(value) for value in values])
    return table(["ms since the start, or the fork"] + list(plan.STAGES), rows)


def processors(results):
    rows = []
    for measure, title in (("idle", "idle, us in the whole of the pause"), ("info-after 5000", "a call every 5 ms, us a call"),
                           ("futex-after 5000", "the same, futex alone")):
        rows.append([title] + [us(results.value(measure, name, "cpu")) for name in plan.CPU_SUBJECTS])
    return table(["processor time of both sides"] + [TITLES[name] for name in plan.CPU_SUBJECTS], rows)


def sessions(results):
    rows = []
    for ops, figures in plan.SESSION_GROWTH.items():
        for op, _ in figures:
            for name in plan.GROWTH_SUBJECTS:
                values = [us(results.value(f"{op} {ops} {n}", name)) for n in plan.SESSION_COUNTS]
                rows.append([f"{op}, {'open sessions' if ops == 'sessions' else 'open operations'}: {TITLES[name]}"] + values)
    return table(["us by their number"] + [f"{n:,}" for n in plan.SESSION_COUNTS], rows)


def objects(results):
    rows = []
    counts = plan.OBJECT_COUNTS["craton"]
    for op, field, show in (("find-id", "p50", us), ("find-label", "p50", us), ("start find", "key", ms)):
        for name in plan.OBJECT_COUNTS:
            values = [show(results.value(f"{op} {n}", name, field)) for n in counts]
            unit = "us" if show is us else "ms from a process's start, with the login"
            rows.append([f"{op}, {unit}: {TITLES[name]}"] + values)
    return table(["by number of objects"] + [f"{n:,}" for n in counts], rows)


def prefork(results):
    rows = []
    for n in plan.PREFORK["info"]:
        row = [f"{n}"]
        for kind in plan.PREFORK:
            ns, pss = (results.value(f"prefork {kind} {n}", "craton", field) for field in ("ns", "pss"))
            row += [ms(ns), "-" if pss is None else f"{pss / 1024:.2f}"]
        rows.append(row)
    return table(("workers", "all have C_GetTokenInfo's answer, ms", "MiB each", "all have logged in and signed, ms", "MiB each"),
                 rows)


TABLES = {"machine": machine, "goals": goals, "calls": calls, "threads": threads, "starts": starts, "processors": processors,
          "sessions": sessions, "objects": objects, "prefork": prefork}


# Plots

STYLE = """set terminal svg size 900,480 font 'sans-serif,12' background '#ffffff'
set grid ytics lc '#dddddd'
set key outside top center horizontal
set border 3
set tics nomirror
"""


def gnuplot(path, script, blocks):
    """@blocks: name to rows, as data blocks of the script."""
    data = "".join(f"${name} << END\n" + "".join("\t".join(map(str, row)) + "\n" for row in rows) + "END\n"
                   for name, rows in blocks.items())
    with tempfile.NamedTemporaryFile("w", suffix=".gp") as file:
        file.write(STYLE + data + f"set output '{path}'\n" + script)
        file.flush()
        subprocess.run(["gnuplot", file.name], check=True)
    # As all files of the project: a licence on top, no white space at the end of a line.
    lines = [line.rstrip() for line in path.read_text().splitlines()]
    lines.insert(1, "<!-- SPDX-License-Identifier: BSD-3-Clause -->")
    path.write_text("\n".join(lines) + "\n")


def nan(value, scale=1000.0):
    return "NaN" if value is None else f"{value / scale:.4g}"


def plot_calls(results, path):
    names = ("native", "softhsm", "p11kit", "direct", "craton")
    rows = [[f'"{each.title.replace("the same, ", "")}"'] + [nan(results.value(each.name, name)) for name in names]
            for each in plan.CALLS if each.threads == 1 and each.name not in ("sha roomy", "info generating")]
    series = ", ".join(f"$d using {i + 2}:xtic(1) title '{TITLES[name]}'" for i, name in enumerate(names))
    gnuplot(path, "set style data histogram\nset style fill solid\nset logscale y\nset ylabel 'us, p50'\n"
                  "set xtics rotate by -35\nset bmargin 9\nset rmargin 12\nplot " + series + "\n", {"d": rows})


def plot_lines(path, x_title, y_title, rows, titles, extra=""):
    series = ", ".join(f"$d using 1:{i + 2} with linespoints lw 2 title '{title}'" for i, title in enumerate(titles))
    gnuplot(path, f"set logscale x\nset xlabel '{x_title}'\nset ylabel '{y_title}'\n{extra}plot {series}\n", {"d": rows})


def plot_threads(results, path):
    names = ("softhsm", "p11kit", "direct", "craton")
    rows = [[n] + [nan(results.value("info" if n == 1 else f"info {n}", name, "rate"), 1) for name in names] for n in (1, 2, 4, 8)]
    plot_lines(path, "threads", "C_GetSessionInfo, calls a second", rows, [TITLES[name] for name in names],
               "set logscale x 2\nset logscale y\n")


def plot_sizes(results, path):
    names = plan.SWEEP[0].subjects
    rows = [[each.size] + [nan(results.value(each.name, name)) for name in names] for each in plan.SWEEP]
    plot_lines(path, "bytes", "AES-256-GCM in one call, us", rows, [TITLES[name] for name in names],
               "set logscale x 2\nset logscale y\n")


def plot_starts(results, path):
    rows = []
    stages = plan.STAGES[:-1]
    for what, kind in plan.STARTS:
        for name in plan.START_SUBJECTS[what]:
            before, row = 0, [f'"{what}, {kind}: {TITLES[name]}"']
            for stage in stages:
                at = results.value(f"{what} {kind}", name, stage)
                row.append(nan(None if at is None else max(at - before, 0), 1e6) if at else 0)
                before = at or before
            rows.append(row)
    series = ", ".join(f"$d using {i + 2}{':xtic(1)' if i == 0 else ''} title '{stage}'" for i, stage in enumerate(stages))
    gnuplot(path, "set style data histogram\nset style histogram rowstacked\nset style fill solid\nset boxwidth 0.8\n"
                  "set ylabel 'ms, each stage on the one before'\nset yrange [0:40]\nset xtics rotate by -35\nset bmargin 12\n"
                  f"set rmargin 12\nplot {series}\n", {"d": rows})


def plot_growth(results, path):
    rows = [[n, nan(results.value(f"info sessions {n}", "craton")), nan(results.value(f"ec-sign sessions {n}", "craton")),
             nan(results.value(f"find-id {n}", "craton")), nan(results.value(f"find-id {n}", "softhsm"))]
            for n in sorted(set(plan.SESSION_COUNTS) | set(plan.OBJECT_COUNTS["craton"]))]
    plot_lines(path, "sessions, or objects", "us", rows,
               ["C_GetSessionInfo by sessions", "ECDSA sign by sessions", "find by id by objects",
                "SoftHSM2, find by id by objects"], "set logscale y\nset datafile missing 'NaN'\n")


def plot_prefork(results, path):
    rows = [[n] + [nan(results.value(f"prefork {kind} {n}", "craton", "ns"), 1e6) for kind in plan.PREFORK]
            for n in plan.PREFORK["info"]]
    plot_lines(path, "workers", "ms until all are up", rows, ["C_GetTokenInfo", "login and a signature"], "set logscale y\n")


PLOTS = {"calls": plot_calls, "threads": plot_threads, "sizes": plot_sizes, "starts": plot_starts, "growth": plot_growth,
         "prefork": plot_prefork}


def derive(results):
    """Figures that are differences of others."""
    for measure, subjects in results.figures.items():
        for name, rounds in subjects.items():
            for figure in rounds:
                if figure and "loaded" in figure or figure and "initialised" in figure:
                    derive_stages(figure)
                elif figure and measure.startswith("find-"):
                    figure["beside trips"] = figure["p50"] - 3 * (results.value("info", name) or 0)
                elif figure and measure == "info-after 5000":
                    figure["beside futex"] = figure["cpu"] - results.value("futex-after 5000", "raw", "cpu")


def derive_stages(figure):
    figure["initialise"] = figure["initialised"] - figure.get("loaded", figure["begun"])
    last = max(value for stage, value in figure.items() if stage in plan.STAGES[:-2])
    figure["finalise"] = figure["finalised"] - last
    if "login" in figure:
        figure["without login"] = last - (figure["login"] - figure["session"])


def write(results, folder):
    page = folder / "performance.md"
    text = page.read_text()
    derive(results)
    for name, make in TABLES.items():
        begin, end = f"<!-- {name} -->\n", "<!-- end -->"
        if begin not in text:
            raise SystemExit(f"bench: {page} has no place for {name}")
        before, rest = text.split(begin, 1)
        text = before + begin + "\n" + make(results) + "\n" + end + rest.split(end, 1)[1]
    page.write_text(text)
    for name, plot in PLOTS.items():
        plot(results, folder / f"performance-{name}.svg")
    print(goals(results))
