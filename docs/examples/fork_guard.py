#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Asks libcraton whether this process has been forked, for what a Python program keeps that a fork breaks.

    keys = ForkGuard(open_session)    # open_session() is called when there is no session of this process
    keys.get().sign(...)              # in a forked child get() opens a new one first

os.register_at_fork sees os.fork alone; libcraton also sees forks that a C library makes. Run as a program this shows
it, and ends with status 0 if parent and child each have an object of their own.
"""
import ctypes
import os

craton = ctypes.CDLL("libcraton.so.0")
craton.craton_fork_mark.restype = ctypes.c_uint64
craton.craton_check_fork_since.argtypes = [ctypes.c_uint64]


class ForkGuard:
    """Keeps one object for each process: the first of its own that make() gives."""

    def __init__(self, make):
        self._make = make
        self._object = None
        self._mark = 0

    def get(self):
        if self._mark == 0 or craton.craton_check_fork_since(self._mark):
            # Forgotten, not closed: what closing would reach is the parent's.
            self._object = self._make()
            self._mark = craton.craton_fork_mark()
        return self._object


def c_library_fork():
    """A fork of which Python does not hear."""
    return ctypes.CDLL(None).fork()


def main():
    keys = ForkGuard(os.getpid)
    print("parent has the object of process", keys.get(), flush=True)
    for how in (os.fork, c_library_fork):
        before = keys.get()
        pid = how()
        if pid == 0:
            print("child of", how.__name__, "has the object of process", keys.get(), flush=True)
            os._exit(0 if keys.get() == os.getpid() and craton.craton_check_fork() == 0 else 1)
        _, status = os.waitpid(pid, 0)
        if status != 0 or keys.get() != before:
            raise SystemExit("parent and child share an object")
    print("parent still has that of process", keys.get())


if __name__ == "__main__":
    main()
