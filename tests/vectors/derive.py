#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Known answers of tests/mech-vectors-derive*.h that nobody has published, worked out from the
specifications with Python's hashlib and hmac (and python3-cryptography for CMAC) alone. Published
ones go through the same functions first, so that these are known to be right. Prints NAME HEX."""
import hashlib
import hmac

from cryptography.hazmat.primitives import cmac
from cryptography.hazmat.primitives.ciphers import algorithms

H = bytes.fromhex


def prf_hmac(name):
    return lambda key, data: hmac.new(key, data, name).digest()


def prf_cmac(key, data):
    mac = cmac.CMAC(algorithms.AES(key))
    mac.update(data)
    return mac.finalize()


def hkdf(name, ikm, salt, info, length, extract=True, expand=True):  # RFC 5869
    prf = prf_hmac(name)
    prk = prf(salt or bytes(hashlib.new(name).digest_size), ikm) if extract else ikm
    return prf_plus(prf, prk, info, length) if expand else prk[:length]


def prf_plus(prf, key, seed, length):  # RFC 5869, 2.3, and RFC 7296, 2.13
    out = last = b""
    n = 0
    while len(out) < length:
        n += 1
        last = prf(key, last + seed + bytes([n]))
        out += last
    return out[:length]


def ike1_extended(prf, key, seed, length):  # RFC 2409, 5.5 and appendix B
    out = b""
    last = b"" if seed else b"\0"
    while len(out) < length:
        last = prf(key, last + seed)
        out += last
    return out[:length]


def tls(name, secret, label, seed, length):  # RFC 5246, 5
    prf = prf_hmac(name)
    out, a = b"", label + seed
    while len(out) < length:
        a = prf(secret, a)
        out += prf(secret, a + label + seed)
    return out[:length]


def segments(length, size):
    return -(-length // size)


def counter_kdf(prf, key, before, after, width, order, length):  # SP 800-108, 4.1
    out, n = b"", 0
    while len(out) < length:
        n += 1
        out += prf(key, before + n.to_bytes(width, order) + after)
    return out[:length]


def feedback_kdf(prf, key, iv, fixed, width, length):  # SP 800-108, 4.2
    out, last, n = b"", iv, 0
    while len(out) < length:
        n += 1
        last = prf(key, last + (n.to_bytes(width, "big") if width else b"") + fixed)
        out += last
    return out[:length]


def pipeline_kdf(prf, key, fixed, width, length):  # SP 800-108, 4.3
    out, a, n = b"", fixed, 0
    while len(out) < length:
        n += 1
        a = prf(key, a)
        out += prf(key, a + (n.to_bytes(width, "big") if width else b"") + fixed)
    return out[:length]


def pkcs12(ident, password, salt, iterations, length):  # RFC 7292, B.2, SHA-1
    u, v = 20, 64

    def fill(s):
        return (s * segments(segments(len(s), v) * v, len(s)))[: segments(len(s), v) * v] if s else b""

    block, out = bytes([ident]) * v, b""
    i = fill(salt) + fill(password)
    while len(out) < length:
        a = block + i
        for _ in range(iterations):
            a = hashlib.sha1(a).digest()
        out += a
        b = int.from_bytes((a * v)[:v], "big") + 1
        i = b"".join(((int.from_bytes(i[j : j + v], "big") + b) % (1 << 8 * v)).to_bytes(v, "big")
                     for j in range(0, len(i), v))
    return out[:length]


def odd(key):
    return bytes(b & 0xFE | (bin(b >> 1).count("1") + 1) % 2 for b in key)


def pbkdf1(password, salt, iterations):  # RFC 8018, 5.1, MD5
    t = password + salt
    for _ in range(iterations):
        t = hashlib.md5(t).digest()
    return t


SHA1, SHA256, SHA384, SHA512 = "sha1", "sha256", "sha384", "sha512"
count = bytes(range(256))
nonce_i, nonce_r, gxy = count[16:32], count[32:64], count[64:192]


def published():
    assert hkdf(SHA256, b"\x0b" * 22, count[:13], count[0xF0:0xFA], 42).hex().startswith("3cb25f25faacd57a")
    assert hkdf(SHA1, b"\x0c" * 22, b"", b"", 42).hex().startswith("2c91117204d745f3")
    assert tls(SHA256, H("9bbe436ba940f017b17652849a71db35"), b"test label",
               H("a0ba9f936cda311827a6f796ffd5198c"), 100).hex().startswith("e3f229ba727be17b")
    assert pkcs12(1, "smeg\0".encode("utf-16-be"), H("0a58cf64530d823f"), 1, 24).hex() == \
        "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3"
    assert pkcs12(3, "queeg\0".encode("utf-16-be"), H("263216fcc2fab31c"), 1000, 20).hex() == \
        "5ec4c7a80df652294c3925b6489a7ab857c83476"
    assert counter_kdf(prf_cmac, H("dff1e50ac0b69dc40f1051d46c2b069c"), b"", H(
        "c16e6e02c5a3dcc8d78b9ac1306877761310455b4e41469951d9e6c2245a064b33fd8c3b01203a7824485bf0"
        "a64060c4648b707d2607935699316ea5"), 1, "big", 16).hex() == "8be8f0869b3c0ba97b71863d1b9f7813"


def answers():
    key, key16, fixed = count[:32], count[:16], b"label\0context"
    yield "hkdf-sha384", hkdf(SHA384, key, count[1:33], b"info", 100)
    yield "hkdf-sha512", hkdf(SHA512, key, b"", b"", 64)
    yield "hkdf-sha512-256", hkdf("sha512_256", key, b"salt", b"info", 40)
    yield "hkdf-sha3-256", hkdf("sha3_256", key, b"salt", b"info", 40)
    yield "counter-le", counter_kdf(prf_hmac(SHA256), key, fixed, H("00000230"), 3, "little", 70)
    yield "counter-segments", counter_kdf(prf_hmac(SHA512), key, b"", fixed + H("0004000000000000"), 2, "big", 100)
    yield "counter-sha1", counter_kdf(prf_hmac(SHA1), key, b"", fixed, 4, "big", 50)
    yield "feedback", feedback_kdf(prf_hmac(SHA256), key, count[128:160], fixed, 4, 70)
    yield "feedback-plain", feedback_kdf(prf_cmac, key16, b"", fixed, 0, 40)
    yield "pipeline", pipeline_kdf(prf_hmac(SHA384), key, fixed, 0, 100)
    yield "pipeline-counter", pipeline_kdf(prf_hmac(SHA256), key, fixed + H("0140"), 1, 40)
    several = counter_kdf(prf_hmac(SHA256), key, b"", fixed + H("0200"), 1, "big", 96)
    yield "several-48", several[:48]
    yield "several-16", several[64:80]
    master = tls(SHA256, count[100:148], b"master secret", count[:64], 48)
    yield "tls-master", master
    yield "tls-master-dh", tls(SHA384, count[:66], b"master secret", count[:64], 48)
    yield "tls-extended", tls(SHA512, count[100:148], b"extended master secret", count[:64], 48)
    yield "tls-extended-dh", tls(SHA256, key, b"extended master secret", count[:32], 48)
    block = tls(SHA256, count[100:148], b"key expansion", count[32:64] + count[:32], 136)
    yield "tls-block", block
    yield "tls-kdf", tls(SHA256, count[100:148], b"EXPORTER", count[:64], 50)
    yield "tls-kdf-context", tls(SHA384, count[100:148], b"EXPORTER", count[:64] + H("0003") + b"abc", 50)
    yield "tls-kdf-empty-context", tls(SHA512, count[100:148], b"EXPORTER", count[:64] + H("0000"), 50)
    yield "tls-mac-server", tls(SHA256, count[100:148], b"server finished", key, 12)
    yield "tls-mac-client", tls(SHA384, count[100:148], b"client finished", count[:48], 40)
    yield "ike-prf", prf_hmac(SHA256)(key, nonce_i + nonce_r)
    yield "ike-data-as-key", prf_hmac(SHA1)(nonce_i + nonce_r, gxy)
    yield "ike-rekey", prf_hmac(SHA512)(key, gxy + nonce_i + nonce_r)
    d = prf_hmac(SHA256)(key, gxy + count[:8] + count[8:16] + b"\0")
    yield "ike1-d", d
    yield "ike1-a", prf_hmac(SHA256)(key, d + gxy + count[:8] + count[8:16] + b"\1")
    yield "ike2-plus", prf_plus(prf_hmac(SHA256), key, gxy + nonce_i, 150)
    yield "ike2-data", prf_plus(prf_hmac(SHA1), key, nonce_i + nonce_r, 40)
    yield "ike1-quick", ike1_extended(prf_hmac(SHA1), key, gxy + nonce_i, 50)
    yield "ike1-appendix-b", ike1_extended(prf_hmac(SHA1), key, b"", 50)
    yield "ike1-extra", ike1_extended(prf_hmac(SHA256), key, nonce_i, 16)
    for name in ("md5", SHA1, "sha224", SHA256, SHA384, SHA512, "sha512_224", "sha512_256",
                 "sha3_224", "sha3_256", "sha3_384", "sha3_512"):
        yield "digest-" + name, hashlib.new(name, key).digest()
    queeg, salt = "queeg\0".encode("utf-16-be"), H("05dec959acff72f7")
    yield "pbe-des3", odd(pkcs12(1, queeg, salt, 1000, 24)) + pkcs12(2, queeg, salt, 1000, 8)
    yield "pbe-des2", odd(pkcs12(1, queeg, salt, 1000, 16)) + pkcs12(2, queeg, salt, 1000, 8)
    one = pbkdf1(b"password", H("78578e5a5d63cb06"), 1000)
    yield "pbe-md5-des", odd(one[:8]) + one[8:]
    for name in ("sha224", SHA384, SHA512, "sha512_224", "sha512_256"):
        yield "pbkdf2-" + name, pbkdf2(name, b"password", b"salt", 2, 40)


def pbkdf2(name, password, salt, iterations, length):  # RFC 8018, 5.2
    out, prf, n = b"", prf_hmac(name), 0
    while len(out) < length:
        n += 1
        u = prf(password, salt + n.to_bytes(4, "big"))
        t = int.from_bytes(u, "big")
        for _ in range(iterations - 1):
            u = prf(password, u)
            t ^= int.from_bytes(u, "big")
        out += t.to_bytes(len(u), "big")
    return out[:length]


if __name__ == "__main__":
    published()
    for name, value in answers():
        print(name, value.hex())
