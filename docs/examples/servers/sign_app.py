# SPDX-License-Identifier: BSD-3-Clause
"""A WSGI application that signs the path of each request with an RSA key in a token, through PyKCS11.

The answer is the worker's process id and the signature in hexadecimal. Run it with gunicorn, see gunicorn.conf.py, or in
Apache with mod_wsgi.
"""
import os

import PyKCS11
from PyKCS11 import CKA_CLASS, CKA_LABEL, CKM_SHA256_RSA_PKCS, CKO_PRIVATE_KEY

MODULE = os.environ.get("PYKCS11LIB", "/usr/lib/x86_64-linux-gnu/pkcs11/craton-pkcs11.so")
TOKEN = "web"
KEY = "rsa"
PIN_FILE = os.environ.get("PIN_FILE", "/etc/ssl/token/pin")


class Signer:
	"""A key in a token, with the session that it is used in."""

	def __init__(self):
		self.lib = PyKCS11.PyKCS11Lib()
		self.lib.load(MODULE)  # calls C_Initialize
		self.open()

	def open(self):
		slots = self.lib.getSlotList(tokenPresent=True)
		slot = next(s for s in slots if self.lib.getTokenInfo(s).label.strip() == TOKEN)
		self.session = self.lib.openSession(slot)
		with open(PIN_FILE, encoding="ascii") as file:
			self.session.login(file.read().strip())
		self.key = self.session.findObjects([(CKA_CLASS, CKO_PRIVATE_KEY), (CKA_LABEL, KEY)])[0]

	def reopen(self):
		"""After a fork: a backend, a session and a login of this process's own. Handles from before are worthless."""
		rv = self.lib.lib.C_Initialize()
		if rv != PyKCS11.CKR_OK:
			raise PyKCS11.PyKCS11Error(rv)
		self.open()

	def sign(self, data):
		mechanism = PyKCS11.Mechanism(CKM_SHA256_RSA_PKCS, None)
		return bytes(self.session.sign(self.key, data, mechanism))


# With gunicorn --preload this runs in the master, before the fork; without it, in each worker.
signer = Signer()


def application(environ, start_response):
	try:
		status = "200 OK"
		body = signer.sign(environ["PATH_INFO"].encode()).hex()
	except PyKCS11.PyKCS11Error as error:
		status = "500 Internal Server Error"
		body = str(error)
	body = f"{os.getpid()} {body}\n".encode()
	start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
	return [body]
