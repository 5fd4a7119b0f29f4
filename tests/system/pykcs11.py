#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""PyKCS11 as a user of the module: objects made and found, digests, encryption, signatures, wrapping.

Usage: pykcs11.py MODULE PIN. What is computed is compared with Python's own digests.
"""
import hashlib
import hmac
import sys

import PyKCS11
from PyKCS11 import LowLevel as ll

module, pin = sys.argv[1:]
lib = PyKCS11.PyKCS11Lib ()
lib.load (module)
slot = lib.getSlotList (tokenPresent=True)[0]
session = lib.openSession (slot, ll.CKF_SERIAL_SESSION | ll.CKF_RW_SESSION)
session.login (pin)
text = b"a text for every call of this test"


def refused (code, call, *args):
    try:
        call (*args)
    except PyKCS11.PyKCS11Error as error:
        assert error.value == code, error
        return
    raise AssertionError (f"not refused: {call}")


# Digests
for mechanism, name in ((ll.CKM_SHA256, "sha256"), (ll.CKM_SHA512, "sha512")):
    got = bytes (session.digest (text, PyKCS11.Mechanism (mechanism, None)))
    assert got == hashlib.new (name, text).digest (), name
print ("digests are right")

# A data object: made, found, changed, destroyed
made = session.createObject ([
    (ll.CKA_CLASS, ll.CKO_DATA), (ll.CKA_TOKEN, ll.CK_TRUE), (ll.CKA_PRIVATE, ll.CK_TRUE),
    (ll.CKA_LABEL, "note"), (ll.CKA_VALUE, text)])
found = session.findObjects ([(ll.CKA_LABEL, "note")])
assert len (found) == 1
assert bytes (session.getAttributeValue (found[0], [ll.CKA_VALUE])[0]) == text
session.setAttributeValue (made, [(ll.CKA_LABEL, "renamed")])
assert not session.findObjects ([(ll.CKA_LABEL, "note")])
session.destroyObject (made)
assert not session.findObjects ([(ll.CKA_LABEL, "renamed")])
print ("objects are found")

# An AES key encrypts
aes = session.generateKey ([
    (ll.CKA_CLASS, ll.CKO_SECRET_KEY), (ll.CKA_KEY_TYPE, ll.CKK_AES), (ll.CKA_VALUE_LEN, 32),
    (ll.CKA_ENCRYPT, ll.CK_TRUE), (ll.CKA_DECRYPT, ll.CK_TRUE),
    (ll.CKA_WRAP, ll.CK_TRUE), (ll.CKA_UNWRAP, ll.CK_TRUE)], PyKCS11.Mechanism (ll.CKM_AES_KEY_GEN, None))
cbc = PyKCS11.Mechanism (ll.CKM_AES_CBC_PAD, bytes (16))
cipher = bytes (session.encrypt (aes, text, cbc))
assert cipher != text and bytes (session.decrypt (aes, cipher, cbc)) == text
gcm = PyKCS11.AES_GCM_Mechanism (bytes (12), b"beside it", 128)
cipher = bytearray (session.encrypt (aes, text, gcm))
assert bytes (session.decrypt (aes, bytes (cipher), gcm)) == text
cipher[0] ^= 1
refused (ll.CKR_ENCRYPTED_DATA_INVALID, session.decrypt, aes, bytes (cipher), gcm)
print ("AES encrypts")

# A secret that is known makes the code that Python makes
secret = session.createObject ([
    (ll.CKA_CLASS, ll.CKO_SECRET_KEY), (ll.CKA_KEY_TYPE, ll.CKK_GENERIC_SECRET), (ll.CKA_VALUE, bytes (range (32))),
    (ll.CKA_SIGN, ll.CK_TRUE), (ll.CKA_VERIFY, ll.CK_TRUE), (ll.CKA_EXTRACTABLE, ll.CK_TRUE)])
code = bytes (session.sign (secret, text, PyKCS11.Mechanism (ll.CKM_SHA256_HMAC, None)))
assert code == hmac.new (bytes (range (32)), text, "sha256").digest ()

# It travels wrapped and makes the same code
kwp = PyKCS11.Mechanism (ll.CKM_AES_KEY_WRAP, None)
wrapped = session.wrapKey (aes, secret, kwp)
again = session.unwrapKey (aes, bytes (wrapped), [
    (ll.CKA_CLASS, ll.CKO_SECRET_KEY), (ll.CKA_KEY_TYPE, ll.CKK_GENERIC_SECRET),
    (ll.CKA_SIGN, ll.CK_TRUE)], kwp)
assert bytes (session.sign (again, text, PyKCS11.Mechanism (ll.CKM_SHA256_HMAC, None))) == code
refused (ll.CKR_KEY_UNEXTRACTABLE, session.wrapKey, aes, aes, kwp)
print ("keys are wrapped")

# Pairs sign
public, private = session.generateKeyPair (
    [(ll.CKA_MODULUS_BITS, 2048), (ll.CKA_PUBLIC_EXPONENT, (1, 0, 1)), (ll.CKA_VERIFY, ll.CK_TRUE)],
    [(ll.CKA_SIGN, ll.CK_TRUE), (ll.CKA_PRIVATE, ll.CK_TRUE)],
    PyKCS11.Mechanism (ll.CKM_RSA_PKCS_KEY_PAIR_GEN, None))
rsa = PyKCS11.Mechanism (ll.CKM_SHA256_RSA_PKCS, None)
signature = session.sign (private, text, rsa)
assert session.verify (public, text, signature, rsa)
assert not session.verify (public, text + b"!", signature, rsa)
p256 = bytes.fromhex ("06082a8648ce3d030107")
public, private = session.generateKeyPair (
    [(ll.CKA_EC_PARAMS, p256), (ll.CKA_VERIFY, ll.CK_TRUE)],
    [(ll.CKA_SIGN, ll.CK_TRUE), (ll.CKA_PRIVATE, ll.CK_TRUE)],
    PyKCS11.Mechanism (ll.CKM_EC_KEY_PAIR_GEN, None))
ecdsa = PyKCS11.Mechanism (ll.CKM_ECDSA_SHA256, None)
signature = session.sign (private, text, ecdsa)
assert session.verify (public, text, signature, ecdsa)
assert not session.verify (public, text + b"!", signature, ecdsa)
print ("pairs sign")

session.logout ()
session.closeSession ()
