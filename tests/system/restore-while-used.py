# SPDX-License-Identifier: BSD-3-Clause
# Called by backup.sh: a program holds a login and an object, and writes; the token is backed up and restored meanwhile. What it knew of
# the token before the restore does not hold afterwards, and what it wrote after the backup is gone.
import subprocess
import sys
import threading

import PyKCS11
from PyKCS11 import LowLevel as low

module, pin, craton, folder = sys.argv[1:]
lib = PyKCS11.PyKCS11Lib ()
lib.load (module)
slot = lib.getSlotList (tokenPresent=True)[0]


def run (*args):
	result = subprocess.run ([craton, *args], capture_output=True, text=True)
	print (result.stdout, result.stderr)
	assert result.returncode == 0, args


def open_session ():
	session = lib.openSession (slot, low.CKF_RW_SESSION | low.CKF_SERIAL_SESSION)
	session.login (pin)
	return session


def make (session, label):
	return session.createObject ([(low.CKA_CLASS, low.CKO_DATA), (low.CKA_TOKEN, True), (low.CKA_PRIVATE, True),
		(low.CKA_LABEL, label), (low.CKA_VALUE, [1, 2, 3])])


def labels (session):
	return {session.getAttributeValue (obj, [low.CKA_LABEL])[0] for obj in session.findObjects ([(low.CKA_CLASS, low.CKO_DATA)])}


session = open_session ()
make (session, "before")
stop, written, failures = threading.Event (), [], []


def write ():
	other = lib.openSession (slot, low.CKF_RW_SESSION | low.CKF_SERIAL_SESSION)
	while not stop.is_set ():
		try:
			make (other, f"w{len (written)}")
			written.append (f"w{len (written)}")
		except PyKCS11.PyKCS11Error as error:
			failures.append (error)


writer = threading.Thread (target=write)
writer.start ()
while len (written) < 5:
	pass
first = len (written)
run ("backup", "--force", "--passphrase-file", f"{folder}/passphrase", f"{folder}/live")
while len (written) < first + 20:
	pass
stop.set ()
writer.join ()
assert not failures, failures
kept = f"w{first - 1}"
newest = written[-1]
there = labels (session)
assert {"before", kept, newest} <= there

run ("restore", "--force", "--older", "--passphrase-file", f"{folder}/passphrase", f"{folder}/live")
try:
	labels (session)
	public = {obj for obj in session.findObjects ([(low.CKA_CLASS, low.CKO_DATA)])}
	assert not public, "private objects are shown without a new login"
except PyKCS11.PyKCS11Error as error:
	assert error.value in (low.CKR_USER_NOT_LOGGED_IN, low.CKR_DEVICE_REMOVED), error
session.login (pin)
there = labels (session)
assert "before" in there and kept in there, there
assert newest not in there, "the restore did not reach the running program"
# The count of objects is one that can be written on with.
make (session, "after")
assert "after" in labels (session)
# All that the copy has is of one moment: objects were written one after the other.
numbers = sorted (int (label[1:]) for label in there if label[0] == "w")
assert numbers == list (range (len (numbers))), numbers
