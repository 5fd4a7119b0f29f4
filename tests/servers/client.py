# SPDX-License-Identifier: BSD-3-Clause
"""The client of the server tests: many connections at once, one request each, and every failure counted.

Each connection is a full handshake: no session is resumed and no connection used twice. Certificate and host name are
verified. With --signed the path is random and the answer is "PID HEX", an RSA signature of the path, which is verified.

Prints one line of figures and one "pids" line, the workers that answered (where the answer begins with a process id), and exits
with 1 if any request failed, or, with --refused TEXT, if any was not refused with an answer that holds TEXT.
"""
import argparse
import os
import secrets
import signal
import socket
import ssl
import sys
import threading
import time
from collections import Counter

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

TIMEOUT_S = 30
# The server's names: each of its two certificates has one.
NAMES = ("ec.localhost", "rsa.localhost")


class Load:
	"""What all threads share."""

	def __init__(self, options):
		self.options = options
		self.lock = threading.Lock()
		self.left = options.requests
		self.good = 0
		self.failures = Counter()
		self.kinds = Counter()
		self.pids = Counter()
		self.signals = sorted((int(s.split(":")[0]), s) for s in options.signal)
		self.contexts = []
		if options.cafile:
			self.contexts = [tls_context(options.cafile, old) for old in (False, True)]
		if options.signed:
			with open(options.signed, "rb") as file:
				self.key = x509.load_pem_x509_certificate(file.read()).public_key()

	def take(self):
		"""The number of the next request, or None; sends the signals whose time has come."""
		with self.lock:
			done = self.options.requests - self.left
			while self.signals and self.signals[0][0] <= done:
				_, name, pid = self.signals.pop(0)[1].split(":")
				os.kill(int(pid), signal.Signals["SIG" + name])
			if self.left == 0:
				return None
			self.left -= 1
			return done

	def count(self, failure, kind, pid):
		with self.lock:
			if failure is None:
				self.good += 1
				self.kinds[kind] += 1
			else:
				self.failures[failure] += 1
			if pid is not None:
				self.pids[pid] += 1


def tls_context(cafile, old):
	"""TLS 1.3, where a server with two keys takes the EC key, or TLS 1.2 with an RSA key only."""
	context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
	context.load_verify_locations(cafile)
	if old:
		context.maximum_version = ssl.TLSVersion.TLSv1_2
		context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
	else:
		context.minimum_version = ssl.TLSVersion.TLSv1_3
	return context


def exchange(connection, path):
	request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
	connection.sendall(request.encode())
	chunks = []
	while chunk := connection.recv(65536):
		chunks.append(chunk)
	head, _, body = b"".join(chunks).partition(b"\r\n\r\n")
	words = head.split(b" ", 2)
	status = int(words[1]) if len(words) > 1 else 0
	if b"transfer-encoding: chunked" in head.lower():
		body = dechunk(body)
	return status, body.decode(errors="replace")


def dechunk(body):
	whole = b""
	while body:
		size, _, body = body.partition(b"\r\n")
		whole += body[: int(size, 16)]
		body = body[int(size, 16) + 2 :]
	return whole


def judge(load, path, status, body):
	"""Why an answer is no good, or None."""
	options = load.options
	if options.refused:
		return None if status == 500 and options.refused in body else f"not refused: {status} {body[:80]!r}"
	if status != 200:
		return f"status {status} {body[:80]!r}"
	if options.expect and options.expect not in body:
		return f"unexpected answer {body[:80]!r}"
	if options.signed:
		try:
			signature = bytes.fromhex(body.split()[1])
			load.key.verify(signature, path.encode(), padding.PKCS1v15(), hashes.SHA256())
		except (InvalidSignature, ValueError, IndexError):
			return f"bad signature {body[:80]!r}"
	return None


def request(load, number):
	path = "/" + secrets.token_hex(16) if load.options.signed or load.options.refused else load.options.path
	kind, pid = "http", None
	step = "connect"
	try:
		with socket.create_connection(("127.0.0.1", load.options.port), TIMEOUT_S) as connection:
			step = "handshake"
			if load.contexts:
				context = load.contexts[number % 2]
				with context.wrap_socket(connection, server_hostname=NAMES[number % 2]) as secure:
					names = dict(pair for part in secure.getpeercert()["subject"] for pair in part)
					kind = f"{secure.version()} {names['commonName']}"
					step = "request"
					status, body = exchange(secure, path)
			else:
				step = "request"
				status, body = exchange(connection, path)
	except (OSError, ValueError) as error:
		load.count(f"{step}: {error}", kind, None)
		return
	first = body.split(" ", 1)[0]
	if first.isdigit():
		pid = int(first)
	load.count(judge(load, path, status, body), kind, pid)


def work(load):
	while (number := load.take()) is not None:
		request(load, number)


def main():
	parser = argparse.ArgumentParser()
	parser.add_argument("--port", type=int, required=True)
	parser.add_argument("--requests", type=int, required=True)
	parser.add_argument("--at-once", type=int, default=8)
	parser.add_argument("--cafile", help="use TLS and trust these certificates")
	parser.add_argument("--path", default="/")
	parser.add_argument("--expect", help="text in each good answer")
	parser.add_argument("--signed", metavar="CERTIFICATE", help="answers are signatures, by this certificate's key")
	parser.add_argument("--refused", metavar="TEXT", help="every request must get status 500 and TEXT")
	parser.add_argument("--signal", action="append", default=[], metavar="N:NAME:PID",
		help="when N requests are under way or done, send the signal")
	options = parser.parse_args()
	load = Load(options)
	threads = [threading.Thread(target=work, args=(load,)) for _ in range(options.at_once)]
	start = time.monotonic()
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	seconds = time.monotonic() - start
	kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(load.kinds.items()))
	handshakes = sum(n for text, n in load.failures.items() if text.startswith("handshake"))
	others = sum(load.failures.values()) - handshakes
	word = "refused as they should be" if options.refused else "good"
	print(f"{options.requests} requests, {load.good} {word} ({kinds}), {handshakes} failed handshakes, "
		f"{others} other failures, {len(load.pids)} process ids in the answers, {seconds:.1f} s")
	for text, n in load.failures.most_common(10):
		print(f"  {n} x {text}")
	print("pids", *sorted(load.pids))
	sys.exit(0 if load.good == options.requests else 1)


main()
