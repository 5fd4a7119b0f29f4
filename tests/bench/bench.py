# SPDX-License-Identifier: BSD-3-Clause
"""./run bench: measures Craton and what it is compared with, in one run.

bench.py BUILD [--short | --record] [--quick] [--first]: without options everything, and docs/performance.md's tables and plots are
written. --short measures only what tests/bench/ratios.tsv has, and fails where a ratio is over 30 % worse than recorded;
--record writes that file's figures for this kind of machine anew. Batches of all subjects alternate; a figure is the median of its batches' figures, and a
ratio the median of the ratios within each round.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import plan
import report
from rig import Rig, Worker, pss_kib

HERE = pathlib.Path(__file__).resolve().parent
RATIOS = HERE / "ratios.tsv"
ALLOWED_LOSS = 1.3
# Machines by what a system call takes: ratios of what makes different numbers of them differ. Below, they are quick.
KINDS = ("quick", "slow")
QUICK_NS = 500


class Results:
    """figures[measure][subject]: one dict a round, None where there is none."""

    def __init__(self):
        self.figures = {}
        self.extra = {}

    def add(self, measure, subject, figure):
        self.figures.setdefault(measure, {}).setdefault(subject, []).append(figure)

    def value(self, measure, subject, field="p50"):
        rounds = [each[field] for each in self.figures.get(measure, {}).get(subject, [])
                  if each and field in each]
        return statistics.median(rounds) if rounds else None

    def ratio(self, above, below):
        """@above, @below: (measure, subject, field)."""
        pairs = zip(self.figures.get(above[0], {}).get(above[1], []), self.figures.get(below[0], {}).get(below[1], []))
        rounds = [a[above[2]] / b[below[2]] for a, b in pairs if a and b and above[2] in a and b.get(below[2])]
        return statistics.median(rounds) if rounds else None


def say(text):
    print(text, flush=True)


def measure_calls(results, workers, measures, rounds):
    for turn in range(rounds):
        for each in measures:
            names = [name for name in each.subjects if name in workers]
            # Nobody is always the first after somebody else's batch.
            for name in names[turn % len(names):] + names[:turn % len(names)]:
                results.add(each.name, name, workers[name].batch(each.op, each.size, each.threads, each.ms))
        say(f"  round {turn + 1} of {rounds}")


def measure_starts(results, rig, subjects, rounds, count):
    for _ in range(rounds):
        for what, kind in plan.STARTS:
            for name in plan.START_SUBJECTS[what]:
                stages = rig.stages(subjects[name], what, count, kind)
                results.add(f"{what} {kind}", name, stages)


def measure_cpu(results, workers, seconds, rounds):
    """What an idle pair burns, and what a call every 5 ms costs."""
    for name in plan.CPU_SUBJECTS:
        worker = workers[name]
        time.sleep(0.05)
        before = worker.cpu_ns()
        time.sleep(seconds)
        results.add("idle", name, {"cpu": worker.cpu_ns() - before})
    for _ in range(rounds):
        for op, name in plan.CPU_CALLS:
            worker = workers[name]
            before = worker.cpu_ns()
            figure = worker.batch(op, 5000, 1, int(seconds * 1000 / 4))
            figure["cpu"] = (worker.cpu_ns() - before) / figure["count"]
            results.add(op + " 5000", name, figure)


def measure_sessions(results, workers):
    for name in plan.GROWTH_SUBJECTS:
        for ops, figures in plan.SESSION_GROWTH.items():
            for n in plan.SESSION_COUNTS:
                workers[name].batch(ops, n)
                for op, size in figures:
                    results.add(f"{op} {ops} {n}", name, workers[name].batch(op, size, 1, 60))
            workers[name].batch("no-sessions")


def measure_objects(results, rig, counts):
    """Stores that are filled by the token itself, and served by a backend."""
    for n in counts["craton"]:
        direct = rig.direct("fill", "fill", f"objects-{n}")
        rig.start(direct, "prepare")
        rig.start(direct, "fill", n)
        craton = rig.craton(f"objects-{n}-craton", "craton", f"objects-{n}", "audit=off")
        measure_store(results, rig, craton, "craton", n)
    for n in counts["softhsm"]:
        subject = rig.soft_hsm(f"softhsm-{n}", "SoftHSM2")
        rig.start(subject, "prepare")
        rig.start(subject, "fill", n)
        measure_store(results, rig, subject, "softhsm", n)


def measure_store(results, rig, subject, name, n):
    worker = Worker(rig, subject)
    for op in ("find-id", "find-label"):
        results.add(f"{op} {n}", name, worker.batch(op, n, 1, 300))
    worker.close()
    results.add(f"start find {n}", name, rig.stages(subject, "start", 5, "find"))


def measure_prefork(results, rig, subject, counts):
    for kind, numbers in counts.items():
        for n in numbers:
            rig.await_no_backends()
            command = [*rig.command, str(rig.scratch / subject.starter), subject.arguments[-1], "prefork", str(n), kind]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **rig.popen_options(subject))
            figure = {"ns": float(process.stdout.readline() or -1)}
            if rig.is_root and figure["ns"] > 0:
                sizes = [pss_kib(pid) for pid in rig.backends()]
                # With what it starts others with.
                figure["pss"] = sum(sizes) / n
            process.stdin.close()
            process.wait()
            results.add(f"prefork {kind} {n}", "craton", figure)
    rig.await_no_backends()


def open_subjects(rig):
    subjects = {
        "raw": rig.plain("raw", "bare round trip"),
        "native": rig.plain("native", "libcrypto"),
        "softhsm": rig.soft_hsm("softhsm", "SoftHSM2"),
        "p11kit": rig.soft_hsm("p11kit", "SoftHSM2, p11-kit remote", through_p11_kit=True),
        "direct": rig.direct("direct", "Craton's token in-process", "direct"),
        "craton": rig.craton("craton", "Craton", "store", "audit=off"),
        "audited": rig.craton("audited", "Craton with its audit log", "audited-store"),
    }
    for name in ("softhsm", "direct", "craton", "audited"):
        rig.start(subjects[name], "prepare")
    # p11-kit's own module does not say which slots it could make a token in.
    rig.start(rig.soft_hsm("p11kit-store", "", store="p11kit"), "prepare")
    return subjects


def run_long(rig, quick):
    results = Results()
    results.extra["load"] = os.getloadavg()[0]
    subjects = open_subjects(rig)
    workers = {name: Worker(rig, subject) for name, subject in subjects.items()}
    say("Calls")
    measure_calls(results, workers, plan.CALLS, 2 if quick else 9)
    say("Sizes")
    measure_calls(results, workers, plan.SWEEP, 1 if quick else 3)
    say("Processors")
    measure_cpu(results, workers, 0.5 if quick else 2, 1 if quick else 9)
    say("Growth")
    measure_sessions(results, workers)
    for worker in workers.values():
        worker.close()
    measure_objects(results, rig, plan.QUICK_OBJECT_COUNTS if quick else plan.OBJECT_COUNTS)
    say("Starts")
    measure_starts(results, rig, subjects, 2 if quick else 5, 5 if quick else 11)
    measure_prefork(results, rig, subjects["craton"], plan.QUICK_PREFORK if quick else plan.PREFORK)
    results.extra["load after"] = os.getloadavg()[0]
    return results


def run_short(rig):
    results = Results()
    subjects = open_subjects(rig)
    workers = {name: Worker(rig, subjects[name]) for name in plan.SHORT_SUBJECTS}
    names = {name for ratio in plan.SHORT for name in (ratio.above[0], ratio.below[0])}
    measure_calls(results, workers, [each for each in plan.CALLS if each.name in names | {"kernel"}], 15)
    for worker in workers.values():
        worker.close()
    kind = "quick" if results.value("kernel", "raw") < QUICK_NS else "slow"
    return kind, {ratio.name: results.ratio(ratio.above, ratio.below) for ratio in plan.SHORT}


def read_recorded():
    """By kind of machine and name."""
    recorded = {kind: {} for kind in KINDS}
    for line in RATIOS.read_text().splitlines():
        if line.startswith("#"):
            continue
        name, *ratios = line.split("\t")
        for kind, ratio in zip(KINDS, ratios):
            if ratio != "-":
                recorded[kind][name] = float(ratio)
    return recorded


def compare(kind, ratios):
    recorded = read_recorded()[kind]
    lost = 0
    say(f"  {kind} system calls")
    for name, ratio in ratios.items():
        if name not in recorded:
            say(f"-     {name}: {ratio:.3f}, not recorded")
            continue
        limit = recorded[name] * ALLOWED_LOSS
        verdict = "ok" if ratio <= limit else "LOST"
        lost += verdict != "ok"
        say(f"{verdict:5} {name}: {ratio:.3f}, recorded {recorded[name]:.3f}, at most {limit:.3f}")
    say(f"{len(recorded.keys() & ratios.keys()) - lost} passed, {lost} failed")
    return 1 if lost else 0


def record(kind, ratios):
    recorded = read_recorded()
    recorded[kind] = ratios
    lines = ["# SPDX-License-Identifier: BSD-3-Clause", "# Ratios of ./run bench --short; written by ./run bench --record.",
             "\t".join(["# where system calls are", *KINDS])]
    for name in ratios:
        figures = [recorded[each].get(name) for each in KINDS]
        lines.append("\t".join([name, *("-" if figure is None else f"{figure:.3f}" for figure in figures)]))
    RATIOS.write_text("\n".join(lines) + "\n")
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--quick", action="store_true", help="everything, but not often enough to be right")
    parser.add_argument("--first", action="store_true", help="before all else on this machine; root alone may")
    parser.add_argument("--out", default=HERE.parent.parent / "docs", type=pathlib.Path)
    options = parser.parse_args()
    # What is compared with a file is to be as little as possible of what else the machine does.
    first = options.first or (os.geteuid() == 0 and (options.short or options.record))
    rig = Rig(options.build, first)
    try:
        if options.short or options.record:
            kind, ratios = run_short(rig)
            return record(kind, ratios) if options.record else compare(kind, ratios)
        results = run_long(rig, options.quick)
        (pathlib.Path(options.build) / "bench.json").write_text(json.dumps([results.figures, results.extra]))
        report.write(results, options.out)
        return 0
    finally:
        rig.close()


sys.exit(main())
