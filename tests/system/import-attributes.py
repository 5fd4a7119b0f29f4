# SPDX-License-Identifier: BSD-3-Clause
# Called by import-softhsm.sh. make: objects in a SoftHSM token with attributes that pkcs11-tool does not set. compare: each attribute of
# each object there has the same value here. stranger: one public key's file gets a type that nobody has, a second one stays.
import pathlib
import struct
import sys

import PyKCS11
from PyKCS11 import LowLevel as low

KINDS = [low.CKO_DATA, low.CKO_CERTIFICATE, low.CKO_PUBLIC_KEY, low.CKO_PRIVATE_KEY, low.CKO_SECRET_KEY]
# What the token works out for itself, or each has in its own way.
OWN = {"CKA_UNIQUE_ID", "CKA_CHECK_VALUE", "CKA_PUBLIC_KEY_INFO"}


def open_session (module, pin, label):
	lib = PyKCS11.PyKCS11Lib ()
	lib.load (module)
	for slot in lib.getSlotList (tokenPresent=True):
		if lib.getTokenInfo (slot).label.strip () == label:
			session = lib.openSession (slot, low.CKF_RW_SESSION | low.CKF_SERIAL_SESSION)
			session.login (pin)
			return lib, session
	raise SystemExit (f"no token {label}")


def make (session):
	common = [(low.CKA_CLASS, low.CKO_SECRET_KEY), (low.CKA_KEY_TYPE, low.CKK_AES), (low.CKA_TOKEN, True)]
	session.createObject (common + [(low.CKA_LABEL, "hidden"), (low.CKA_ID, [16]), (low.CKA_VALUE, list (range (16))),
		(low.CKA_SENSITIVE, True), (low.CKA_EXTRACTABLE, False), (low.CKA_WRAP_WITH_TRUSTED, True),
		(low.CKA_START_DATE, list (b"20260101")), (low.CKA_END_DATE, list (b"20991231")), (low.CKA_ENCRYPT, True),
		(low.CKA_DECRYPT, False), (low.CKA_MODIFIABLE, False)])
	session.createObject (common + [(low.CKA_LABEL, "open"), (low.CKA_ID, [17]), (low.CKA_VALUE, list (range (32))),
		(low.CKA_SENSITIVE, False), (low.CKA_EXTRACTABLE, True), (low.CKA_PRIVATE, False),
		(low.CKA_ALLOWED_MECHANISMS, list (struct.pack ("@2L", low.CKM_AES_CBC, low.CKM_AES_GCM))),
		(low.CKA_WRAP_TEMPLATE, [(low.CKA_EXTRACTABLE, True), (low.CKA_KEY_TYPE, low.CKK_AES)])])


def read (session):
	found = {}
	for kind in KINDS:
		for obj in session.findObjects ([(low.CKA_CLASS, kind)]):
			values = {}
			for name, number in PyKCS11.CKA.items ():
				if not isinstance (name, str) or name in OWN or number >= low.CKA_VENDOR_DEFINED:
					continue
				try:
					value = session.getAttributeValue (obj, [number])[0]
				except PyKCS11.PyKCS11Error:
					continue
				values[name] = list (value) if isinstance (value, (list, tuple)) else value
			key = (kind, str (values.get ("CKA_ID")), values["CKA_LABEL"])
			found[key] = {name: value for name, value in values.items () if value not in (None, [], "", ())}
	return found


def compare (old, new):
	assert len (old) == 12 and set (old) == set (new), set (old) ^ set (new)
	for key, values in old.items ():
		for name, value in values.items ():
			assert new[key].get (name) == value, (key, name, value, new[key].get (name))


def stranger (folder):
	number = lambda value: value.to_bytes (8, "big")
	head = number (low.CKA_KEY_TYPE) + number (2)
	for path in sorted (pathlib.Path (folder).glob ("*/*-*.object")):
		content = path.read_bytes ()
		if number (low.CKA_CLASS) + number (2) + number (low.CKO_PUBLIC_KEY) in content and head in content:
			at = content.index (head) + len (head)
			path.write_bytes (content[:at] + number (0x30) + content[at + 8:])
			return
	raise SystemExit ("no public key there")


if sys.argv[1] == "stranger":
	stranger (sys.argv[2])
else:
	lib, session = open_session (sys.argv[2], sys.argv[3], "to move")
	if sys.argv[1] == "make":
		make (session)
	else:
		lib_here, here = open_session (sys.argv[4], sys.argv[3], "to move")
		compare (read (session), read (here))
