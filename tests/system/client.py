# SPDX-License-Identifier: BSD-3-Clause
"""An application that does what it is told, one word a line, and answers each with "done" or the code that was no CKR_OK.

Usage: client.py MODULE FUNCTIONS   (functions.tsv, for the order in the function list)

  open         another session in the first slot
  close        the session that was opened last
  close-all    every session
  random N     N calls of C_GenerateRandom in the last session
  end          C_Finalize, and the end
"""
import ctypes
import sys

ULONG = ctypes.c_ulong


def functions(library, table):
	"""The 2.40 functions by name."""
	with open(table, encoding="utf-8") as lines:
		names = [line.split("\t")[1] for line in lines if line.startswith("2.40")]
	pointer = ctypes.c_void_p()
	assert ctypes.CDLL(library).C_GetFunctionList(ctypes.byref(pointer)) == 0
	entries = ctypes.cast(pointer.value + 8, ctypes.POINTER(ctypes.c_void_p))
	return {name: ctypes.CFUNCTYPE(ULONG)(entries[i]) for i, name in enumerate(names)}


class Client:
	def __init__(self, p11):
		self.p11 = p11
		self.sessions = []
		slots, count = (ULONG * 8)(), ULONG(8)
		self.check(p11["C_Initialize"](None))
		self.check(p11["C_GetSlotList"](ctypes.c_ubyte(0), slots, ctypes.byref(count)))
		self.slot = ULONG(slots[0])

	def check(self, rv):
		if rv != 0:
			raise RuntimeError(f"0x{rv:x}")

	def open(self):
		session = ULONG()
		self.check(self.p11["C_OpenSession"](self.slot, ULONG(4), None, None, ctypes.byref(session)))
		self.sessions.append(session)

	def close(self):
		self.check(self.p11["C_CloseSession"](self.sessions.pop()))

	def close_all(self):
		self.check(self.p11["C_CloseAllSessions"](self.slot))

	def random(self, times):
		place = (ctypes.c_ubyte * 16)()
		for _ in range(times):
			self.check(self.p11["C_GenerateRandom"](self.sessions[-1], place, ULONG(16)))

	def end(self):
		self.check(self.p11["C_Finalize"](None))


def main():
	client = Client(functions(*sys.argv[1:]))
	print("done", flush=True)
	for line in sys.stdin:
		word, *numbers = line.split()
		try:
			getattr(client, word.replace("-", "_"))(*map(int, numbers))
			print("done", flush=True)
		except RuntimeError as error:
			print(error, flush=True)
		if word == "end":
			return


main()
