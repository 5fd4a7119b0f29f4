# SPDX-License-Identifier: BSD-3-Clause
"""Gunicorn for sign_app.py: gunicorn --config gunicorn.conf.py [--preload] sign_app:application

With --preload the application opens its key in the master and each worker is a fork of it. There the module refuses every
call with CKR_CRYPTOKI_NOT_INITIALIZED until the worker has called C_Initialize itself. The hook asks whether that is due.
Without --preload it is not, and the same hook does nothing.
"""
import ctypes

craton = ctypes.CDLL("libcraton.so.0")

workers = 4


def post_fork(server, worker):
	if craton.craton_check_fork():
		import sign_app  # the copy that the master has loaded

		sign_app.signer.reopen()
		worker.log.info("forked from the process that called C_Initialize: the key is open again")
