# SPDX-License-Identifier: BSD-3-Clause
"""What is measured, and what it should be: tables for bench.py and report.py."""
from dataclasses import dataclass

EVERYBODY = ("raw", "native", "softhsm", "p11kit", "direct", "craton", "audited")
MODULES = ("softhsm", "p11kit", "direct", "craton", "audited")


@dataclass(frozen=True)
class Measure:
    name: str
    title: str
    op: str
    size: int = 0
    threads: int = 1
    ms: int = 25
    subjects: tuple = EVERYBODY


CALLS = [
    Measure("info", "C_GetSessionInfo", "info", ms=40),
    Measure("info idle", "the same after 1 ms of idling", "info-after", 1000, ms=80),
    Measure("info 2", "the same, 2 threads", "info", threads=2, ms=60, subjects=MODULES),
    Measure("info 4", "the same, 4 threads", "info", threads=4, ms=60, subjects=MODULES),
    Measure("info 8", "the same, 8 threads", "info", threads=8, ms=60, subjects=MODULES),
    Measure("info generating", "the same while RSA keys are generated", "info-generating", ms=150, subjects=MODULES),
    Measure("ec sign", "ECDSA P-256 sign", "ec-sign", 32),
    Measure("ec sign 2", "the same, 2 threads", "ec-sign", 32, threads=2, ms=60),
    Measure("ec sign asking", "the same, asking for the length first", "ec-sign-asking", 32, subjects=MODULES),
    Measure("ec sign token", "the same, key on the token", "ec-token-sign", 32, subjects=MODULES),
    Measure("ec verify", "ECDSA P-256 verify", "ec-verify", 32),
    Measure("rsa sign", "RSA-2048 sign", "rsa-sign", 51, ms=40),
    Measure("rsa sign token", "the same, key on the token", "rsa-token-sign", 51, ms=40, subjects=MODULES),
    Measure("rsa verify", "RSA-2048 verify", "rsa-verify", 51),
    Measure("ed sign", "Ed25519 sign", "ed-sign", 32),
    Measure("gcm 4k", "AES-256-GCM 4 KiB", "gcm", 4096),
    Measure("gcm 1m", "AES-256-GCM 1 MiB", "gcm", 1 << 20, ms=40),
    Measure("gcm parts", "AES-256-GCM 16 x 64 KiB", "gcm-parts", 65536, ms=40),
    Measure("sha 32", "SHA-256 32 B", "sha256", 32),
    Measure("sha roomy", "the same, 1 MiB of room for the result", "sha256-roomy", 1 << 20, subjects=MODULES),
    Measure("sha 1m", "SHA-256 1 MiB", "sha256", 1 << 20, ms=40),
    Measure("random 32", "C_GenerateRandom 32 B", "random", 32),
    Measure("random 1m", "C_GenerateRandom 1 MiB", "random", 1 << 20, ms=60),
    Measure("kernel", "a system call (getpid)", "kernel", subjects=("raw",)),
    Measure("futex", "a round trip by futex alone", "futex", subjects=("raw",)),
]
SIZES = [16 << (2 * i) for i in range(11)]
SWEEP = [Measure(f"gcm {size}", f"AES-256-GCM {size} B", "gcm", size, subjects=("native", "softhsm", "p11kit", "direct", "craton"))
         for size in SIZES]

STARTS = [("start", "info"), ("start", "session-sign"), ("start", "sign"), ("fork", "session-sign"), ("fork", "sign")]
START_SUBJECTS = {"start": ("softhsm", "p11kit", "direct", "craton"), "fork": ("craton",)}
STAGES = ("begun", "loaded", "initialised", "answered", "session", "login", "key", "signed", "finalised", "ended")

CPU_SUBJECTS = ("raw", "craton")
CPU_CALLS = (("futex-after", "raw"), ("info-after", "raw"), ("info-after", "craton"))
GROWTH_SUBJECTS = ("softhsm", "direct", "craton")
SESSION_COUNTS = (1, 10, 100, 1000, 10000)
SESSION_GROWTH = {"sessions": (("info", 0), ("ec-sign", 32)), "operations": (("info", 0), ("ec-sign", 32))}
OBJECT_COUNTS = {"craton": (100, 1000, 10000, 100000), "softhsm": (100, 1000, 10000)}
QUICK_OBJECT_COUNTS = {"craton": (100, 1000), "softhsm": (100,)}
PREFORK = {"info": (1, 10, 50, 100, 200, 500), "sign": (1, 10, 50, 100, 200, 500)}
QUICK_PREFORK = {"info": (1, 10), "sign": (1, 10)}


@dataclass(frozen=True)
class Goal:
    number: int
    text: str
    limit: float
    above: tuple = ()        # (measure, subject, field)
    below: tuple = ()        # none: the figure itself, in @unit
    unit: float = 1          # nanoseconds of one
    suffix: str = ""
    at_least: bool = False


def over(number, text, limit, measure, below, subject="craton", field="p50", **more):
    """A ratio of the same measure between two subjects."""
    return Goal(number, text, limit, (measure, subject, field), (measure, below, field), **more)


def faster(number, text, limit, measure, than, field="p50"):
    return Goal(number, text, limit, (measure, than, field), (measure, "craton", field), at_least=True)


GOALS = [
    over(1, "C_GetSessionInfo, of the bare round trip", 2.5, "info", "raw"),
    faster(1, "C_GetSessionInfo, faster than p11-kit remote", 15, "info", "p11kit"),
    Goal(1, "its p99, of its p50", 5, ("info", "craton", "p99"), ("info", "craton", "p50")),
    Goal(1, "1 MiB of room for 32 bytes, of 32 bytes of room", 1.05, ("sha roomy", "craton", "p50"), ("sha 32", "craton", "p50")),
    over(1, "after 1 ms of idling, of the bare round trip then", 1.2, "info idle", "raw"),
    Goal(1, "processor time of an idle pair, us in a second", 0, ("idle", "craton", "cpu"), unit=1000, suffix=" us"),
    Goal(1, "processor time of a call every 5 ms, beside that of one by futex alone", 25, ("info-after 5000", "craton", "beside futex"),
         unit=1000, suffix=" us"),
    *[Goal(2, f"{n} threads, calls in all, of p11-kit remote's", 30, (f"info {n}", "craton", "rate"),
           (f"info {n}", "p11kit", "rate"), at_least=True) for n in (2, 4, 8)],
    Goal(2, "a null call during RSA key generation, of its usual p50", 3, ("info generating", "craton", "p50"),
         ("info", "craton", "p50")),
    Goal(2, "ECDSA by 2 threads, of one", 1.8, ("ec sign 2", "craton", "rate"), ("ec sign", "craton", "rate"), at_least=True),
    over(3, "ECDSA P-256 sign, of libcrypto", 1.15, "ec sign", "native"),
    faster(3, "ECDSA P-256 sign, faster than SoftHSM2", 1.9, "ec sign", "softhsm"),
    over(3, "RSA-2048 sign, of libcrypto", 1.03, "rsa sign", "native"),
    faster(3, "RSA-2048 sign, faster than SoftHSM2", 2.5, "rsa sign", "softhsm"),
    over(3, "ECDSA P-256 verify, of libcrypto", 1.15, "ec verify", "native"),
    over(3, "RSA-2048 verify, of libcrypto", 1.2, "rsa verify", "native"),
    over(3, "Ed25519 sign, of libcrypto", 1.1, "ed sign", "native"),
    Goal(3, "ECDSA with a token key, of a session key", 1.05, ("ec sign token", "craton", "p50"), ("ec sign", "craton", "p50")),
    Goal(3, "RSA with a token key, of a session key", 1.05, ("rsa sign token", "craton", "p50"), ("rsa sign", "craton", "p50")),
    faster(4, "AES-GCM 4 KiB, faster than SoftHSM2", 4, "gcm 4k", "softhsm"),
    over(4, "AES-GCM 1 MiB, of libcrypto", 1.3, "gcm 1m", "native"),
    over(4, "AES-GCM 16 x 64 KiB, of libcrypto", 1.2, "gcm parts", "native"),
    over(4, "SHA-256 1 MiB, of libcrypto", 1.1, "sha 1m", "native"),
    Goal(4, "C_GenerateRandom 32 B", 2, ("random 32", "craton", "p50"), unit=1000, suffix=" us"),
    over(4, "C_GenerateRandom 1 MiB, of the DRBG's own rate", 1.3, "random 1m", "native"),
    Goal(5, "C_Initialize", 0.2, ("start info", "craton", "initialise"), unit=1e6, suffix=" ms"),
    over(5, "process start to first C_GetTokenInfo, of SoftHSM2", 1, "start info", "softhsm", field="answered"),
    over(5, "process start to first signature, key made without login, of SoftHSM2", 1, "start session-sign", "softhsm",
         field="signed"),
    over(5, "process start to first signature, key of the token, without the login, of SoftHSM2", 1, "start sign", "softhsm",
         field="without login"),
    Goal(5, "C_Finalize", 1, ("start info", "craton", "finalise"), unit=1e6, suffix=" ms"),
    Goal(6, "fork to first signature, key made without login", 8, ("fork session-sign", "craton", "signed"), unit=1e6,
         suffix=" ms"),
    Goal(6, "fork to first signature, key of the token, without the login", 8, ("fork sign", "craton", "without login"), unit=1e6,
         suffix=" ms"),
    Goal(6, "500 workers, each with its answer", 5, ("prefork info 500", "craton", "ns"), unit=1e9, suffix=" s"),
    Goal(6, "memory of each of these backends (PSS)", 2.5, ("prefork info 500", "craton", "pss"), unit=1024, suffix=" MiB"),
    Goal(7, "10,000 sessions, C_GetSessionInfo, of 1", 1.2, ("info sessions 10000", "craton", "p50"),
         ("info sessions 1", "craton", "p50")),
    Goal(7, "10,000 open operations, ECDSA sign, of 1", 1.2, ("ec-sign operations 10000", "craton", "p50"),
         ("ec-sign operations 1", "craton", "p50")),
    Goal(7, "find by id, 100,000 objects, of 100", 1.3, ("find-id 100000", "craton", "p50"), ("find-id 100", "craton", "p50")),
    Goal(7, "find by id among 100,000, beside three round trips", 30, ("find-id 100000", "craton", "beside trips"), unit=1000,
         suffix=" us"),
    Goal(7, "find by label among 100,000, beside three round trips", 30, ("find-label 100000", "craton", "beside trips"), unit=1000,
         suffix=" us"),
    Goal(7, "new process to its first find among 10,000, without the login", 8, ("start find 10000", "craton", "without login"),
         unit=1e6, suffix=" ms"),
]


@dataclass(frozen=True)
class Ratio:
    name: str
    above: tuple
    below: tuple


def to(measure, subject, below):
    return Ratio(f"{measure}, {subject} of {below}", (measure, subject, "p50"), (measure, below, "p50"))


# Those that repeat within some percent. Not bulk data through the lanes, nor the bare round trip: both depend on a state of the machine
# that changes by itself (docs/performance.md).
SHORT_SUBJECTS = ("raw", "native", "softhsm", "p11kit", "direct", "craton")
SHORT = [
    to("info", "craton", "p11kit"),
    to("ec sign", "direct", "native"),
    to("ec sign", "craton", "softhsm"),
    to("ec verify", "direct", "native"),
    to("rsa sign", "direct", "native"),
    to("ed sign", "direct", "native"),
    to("gcm 4k", "direct", "softhsm"),
    to("gcm 1m", "direct", "native"),
    to("gcm parts", "direct", "native"),
    to("sha 1m", "direct", "native"),
    to("sha 32", "craton", "p11kit"),
    to("random 1m", "direct", "native"),
]
