# SPDX-License-Identifier: BSD-3-Clause
"""What bench.py measures with: a scratch folder, the subjects' environments, workers and one-off programs.

Root measures as a user without rights, because p11-kit ignores root's own configuration; only root can see how much memory
a backend has, which is not dumpable. Nothing outside of the scratch folder is written.
"""
import glob
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

NOBODY = 65534


def find_softhsm():
    paths = glob.glob("/usr/lib/softhsm/libsofthsm2.so") + glob.glob("/usr/lib/*/softhsm/libsofthsm2.so")
    if not paths:
        raise SystemExit("bench: SoftHSM is not installed")
    return paths[0]


def find_p11_kit():
    # Its own answer: Debian's pkg-config file may not be installed.
    paths = glob.glob("/usr/lib/*/p11-kit-proxy.so") + glob.glob("/usr/lib/p11-kit-proxy.so")
    if not paths:
        raise SystemExit("bench: p11-kit's proxy module is not installed")
    return paths[0]


class Subject:
    """Something to measure: which program, with which argument and environment."""

    def __init__(self, name, title, program, arguments, environment=None):
        self.name, self.title = name, title
        self.program, self.arguments = program, arguments
        self.environment = environment or {}

    @property
    def starter(self):
        return self.program.replace("worker", "start")


class Rig:
    def __init__(self, build, first=False):
        # Before everybody else, but by the same scheduler as everybody.
        self.command = ["nice", "-n", "-20", "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if first else []
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.build = pathlib.Path(build)
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="craton-bench.", dir=base))
        self.scratch.chmod(0o755)
        self.is_root = os.geteuid() == 0
        self.backend = self.scratch / "craton-backend"
        self.module = self.scratch / "craton-pkcs11.so"
        self.softhsm = find_softhsm()
        shutil.copy(self.build / "proxy/craton-pkcs11.so", self.module)
        shutil.copy(self.build / "proxy/libcraton.so.0", self.scratch)
        shutil.copy(self.build / "backend/craton-backend", self.backend)
        for program in ("bench-worker", "bench-worker-direct", "bench-start", "bench-start-direct"):
            shutil.copy(self.build / "tests/bench" / program, self.scratch)
        self.home = self.scratch / "home"
        self.home.mkdir()
        if self.is_root:
            os.chown(self.home, NOBODY, NOBODY)

    def close(self):
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _write(self, path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o644)
        if self.is_root:
            for each in [path, *path.parents]:
                if each == self.home:
                    break
                os.chown(each, NOBODY, NOBODY)

    def _folder(self, name):
        folder = self.home / name
        folder.mkdir(parents=True, exist_ok=True)
        if self.is_root:
            os.chown(folder, NOBODY, NOBODY)
        return folder

    def popen_options(self, subject):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.home),
                       "CRATON_BACKEND": str(self.backend), "XDG_RUNTIME_DIR": str(self.home)}
        environment.update(subject.environment)
        options = {"env": environment, "cwd": str(self.home), "text": True}
        if self.is_root and not self.command:
            options.update(user=NOBODY, group=NOBODY, extra_groups=[])
        return options

    # Subjects

    def craton(self, name, title, store, extra=""):
        self._write(self.home / name / "craton/craton.conf",
                    f"[token bench]\nstore={self.home / store}\n{extra}\n")
        return Subject(name, title, "bench-worker", ["p11", str(self.module)],
                       {"XDG_CONFIG_HOME": str(self.home / name), "XDG_DATA_HOME": str(self.home / name)})

    def direct(self, name, title, store):
        return Subject(name, title, "bench-worker-direct", ["p11", str(self.home / store)])

    def soft_hsm(self, name, title, through_p11_kit=False, store=None):
        tokens = self._folder(store or name)
        conf = self.home / f"{name}.conf"
        self._write(conf, f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
        environment = {"SOFTHSM2_CONF": str(conf)}
        if not through_p11_kit:
            return Subject(name, title, "bench-worker", ["p11", self.softhsm], environment)
        config = self.home / f"{name}.config"
        self._write(config / "pkcs11/pkcs11.conf", "user-config: only\n")
        self._write(config / "pkcs11/modules/softhsm.module", f"remote: |p11-kit remote {self.softhsm}\n")
        environment["XDG_CONFIG_HOME"] = str(config)
        return Subject(name, title, "bench-worker", ["p11", find_p11_kit()], environment)

    def plain(self, name, title):
        return Subject(name, title, "bench-worker", [name])

    # Programs

    def start(self, subject, *arguments):
        """bench-start with the subject's module; its output."""
        command = [*self.command, str(self.scratch / subject.starter), subject.arguments[-1], *map(str, arguments)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, **self.popen_options(subject))
        return done.stdout

    def stages(self, subject, *arguments):
        """The same where it prints stages: nanoseconds by stage."""
        return {name: int(ns) for name, ns in (line.split() for line in self.start(subject, *arguments).splitlines())}

    def backends(self):
        """Process ids of this run's backends."""
        found = []
        for folder in glob.glob("/proc/[0-9]*"):
            try:
                command = pathlib.Path(folder, "cmdline").read_bytes()
            except OSError:
                continue
            if command.split(b"\0")[0] == bytes(self.backend):
                found.append(int(folder[6:]))
        return found

    def await_no_backends(self):
        for _ in range(2000):
            if not self.backends():
                return
            time.sleep(0.01)
        raise SystemExit("bench: backends do not end")


def cpu_ns(pid):
    """What a process has used of the processors (clock_getcpuclockid)."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def pss_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


class Worker:
    """A subject that is open and answers one batch at a time."""

    def __init__(self, rig, subject):
        before = set(rig.backends())
        self.subject = subject
        self.process = subprocess.Popen([*rig.command, str(rig.scratch / subject.program), *subject.arguments],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, **rig.popen_options(subject))
        ready = self.process.stdout.readline().split()
        if not ready:
            raise SystemExit(f"bench: {subject.title} does not open")
        peer = int(ready[1])
        # The spawner of a backend has its command line too.
        self.pids = [self.process.pid, *([peer] if peer else []), *sorted(set(rig.backends()) - before)]

    def batch(self, op, size=0, threads=1, ms=0):
        """A dict of nanoseconds, or None where the subject has no such op or refuses it."""
        self.process.stdin.write(f"{op} {size} {threads} {ms}\n")
        self.process.stdin.flush()
        words = self.process.stdout.readline().split()
        if not words:
            raise SystemExit(f"bench: {self.subject.title} ended in {op} {size}")
        if words[0] in ("none", "refused"):
            return None
        return dict(zip(("count", "p50", "p99", "mean", "rate"), map(float, words)))

    def cpu_ns(self):
        return sum(cpu_ns(pid) for pid in self.pids)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
