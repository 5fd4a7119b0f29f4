#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes pkcs11.h, names.inc, trace.inc and peers.inc from the tables in pkcs11/.

Usage: gen-pkcs11.py header|names|trace|peers TABLES OUTPUT

Debian's headers stop at PKCS#11 2.40 (bookworm) or 3.0 (trixie); both ends of the wire and the log lines need
every name of 3.2, so the tables of the standard are the source and the C is made from them at build time.
"""
import re
import sys

HEAD = """\
/* Made by gen-pkcs11.py from the tables in pkcs11/: PKCS#11 3.2 in C. The guard is p11-kit's: include this first and
 * <p11-kit/uri.h> uses these definitions. */
#ifndef PKCS11_H
#define PKCS11_H 1

#include <stddef.h>

#if defined(__cplusplus)
extern "C" {
#endif

#define CRYPTOKI_VERSION_MAJOR 3
#define CRYPTOKI_VERSION_MINOR 2

typedef unsigned char CK_BYTE;
typedef CK_BYTE CK_CHAR;
typedef CK_BYTE CK_UTF8CHAR;
typedef CK_BYTE CK_BBOOL;
typedef unsigned long CK_ULONG;
typedef long CK_LONG;
typedef void *CK_VOID_PTR;
typedef CK_VOID_PTR *CK_VOID_PTR_PTR;
typedef CK_BYTE *CK_BYTE_PTR;
typedef CK_CHAR *CK_CHAR_PTR;
typedef CK_UTF8CHAR *CK_UTF8CHAR_PTR;
typedef CK_ULONG *CK_ULONG_PTR;
#ifndef NULL_PTR
#define NULL_PTR NULL
#endif
"""

ULONGS = """
CK_FLAGS CK_RV CK_NOTIFICATION CK_SLOT_ID CK_SESSION_HANDLE CK_OBJECT_HANDLE CK_USER_TYPE CK_STATE
CK_OBJECT_CLASS CK_HW_FEATURE_TYPE CK_KEY_TYPE CK_CERTIFICATE_TYPE CK_ATTRIBUTE_TYPE CK_MECHANISM_TYPE
CK_PROFILE_ID CK_CERTIFICATE_CATEGORY CK_JAVA_MIDP_SECURITY_DOMAIN CK_TRUST CK_VALIDATION_TYPE
CK_VALIDATION_AUTHORITY_TYPE CK_SESSION_VALIDATION_FLAGS_TYPE CK_RSA_PKCS_MGF_TYPE
CK_RSA_PKCS_OAEP_SOURCE_TYPE CK_EC_KDF_TYPE CK_X9_42_DH_KDF_TYPE CK_GENERATOR_FUNCTION CK_HEDGE_TYPE
CK_ML_DSA_PARAMETER_SET_TYPE CK_SLH_DSA_PARAMETER_SET_TYPE CK_ML_KEM_PARAMETER_SET_TYPE
CK_PKCS5_PBKD2_PSEUDO_RANDOM_FUNCTION_TYPE CK_PKCS5_PBKDF2_SALT_SOURCE_TYPE CK_PRF_DATA_TYPE
CK_SP800_108_PRF_TYPE CK_SP800_108_DKM_LENGTH_METHOD CK_OTP_PARAM_TYPE CK_X3DH_KDF_TYPE
CK_X2RATCHET_KDF_TYPE CK_XEDDSA_HASH_TYPE CK_HSS_LEVELS CK_LMS_TYPE CK_LMOTS_TYPE CK_MAC_GENERAL_PARAMS
CK_EXTRACT_PARAMS CK_RC2_PARAMS
""".split()

CALLBACKS = """\
typedef CK_RV (*CK_NOTIFY) (CK_SESSION_HANDLE session, CK_NOTIFICATION event, CK_VOID_PTR application);
typedef CK_RV (*CK_CREATEMUTEX) (CK_VOID_PTR_PTR mutex);
typedef CK_RV (*CK_DESTROYMUTEX) (CK_VOID_PTR mutex);
typedef CK_RV (*CK_LOCKMUTEX) (CK_VOID_PTR mutex);
typedef CK_RV (*CK_UNLOCKMUTEX) (CK_VOID_PTR mutex);
"""

TAIL = """\
/* What a module exports. */
CK_RV C_GetFunctionList (CK_FUNCTION_LIST_PTR_PTR list);
CK_RV C_GetInterfaceList (CK_INTERFACE_PTR interfaces, CK_ULONG_PTR count);
CK_RV C_GetInterface (CK_UTF8CHAR_PTR name, CK_VERSION_PTR version, CK_INTERFACE_PTR_PTR interface,
                      CK_FLAGS flags);

#if defined(__cplusplus)
}
#endif

#endif /* PKCS11_H */"""

# What names.inc can name: the prefixes of the constants. Flags are left out, whose values mean something else in each place; for the
# same reason those that match AMBIGUOUS: they are no mask generation functions and no states of a session.
NAMED = ("CKA", "CKC", "CKD", "CKG", "CKK", "CKM", "CKO", "CKR", "CKS", "CKU")
AMBIGUOUS = re.compile("CKG_(?!MGF1_)|CKS_.*_OK$")


def rows(folder, name):
	"""The rows of a table without its comments and its heading."""
	with open(f"{folder}/{name}.tsv", encoding="utf-8") as table:
		lines = [line.rstrip("\n").split("\t") for line in table if line.strip() and line[0] != "#"]
	return lines[1:] if lines[0][0] in ("name", "since", "mechanism") else lines


def structures(folder):
	"""Structure name -> its fields, each structure after those that it embeds or points to."""
	fields = {}
	for struct, field, kind in rows(folder, "structs"):
		if struct.startswith("CK_"):
			fields.setdefault(struct, []).append((field, kind))
	ordered = {}

	def visit(struct):
		if struct in ordered or struct not in fields:
			return
		for _, kind in fields[struct]:
			visit(kind.removesuffix("_PTR"))
		ordered[struct] = fields[struct]

	for struct in fields:
		visit(struct)
	return ordered


def header(folder):
	yield HEAD
	for name in ULONGS:
		yield f"typedef CK_ULONG {name}, *{name}_PTR;"
	yield "typedef CK_RV ck_rv_t; /* the name that <p11-kit/p11-kit.h> uses */\n"
	yield "#define CK_UNAVAILABLE_INFORMATION (~0UL)"
	for name, value in rows(folder, "constants"):
		yield f"#define {name} {value}" + ("" if name in ("CK_TRUE", "CK_FALSE") else "UL")
	yield "\n" + CALLBACKS
	for struct, fields in structures(folder).items():
		yield f"typedef struct {struct.lower()} {{"
		for field, kind in fields:
			base, bracket, size = kind.replace("char_PTR", "char *").partition("[")
			yield f"\t{base} {field}{bracket}{size};"
		yield f"}} {struct}, *{struct}_PTR;\n"
	yield "typedef CK_INTERFACE_PTR *CK_INTERFACE_PTR_PTR;"
	yield "typedef struct ck_function_list CK_FUNCTION_LIST, *CK_FUNCTION_LIST_PTR, **CK_FUNCTION_LIST_PTR_PTR;\n"
	functions = rows(folder, "functions")
	for _, name, parameters in functions:
		parameters = parameters.replace("CK_BYTE token_present", "CK_BBOOL token_present")
		yield f"typedef CK_RV (*CK_{name}) ({parameters});"
	for struct, since in (("", ("2.40",)), ("_3_0", ("2.40", "3.0")), ("_3_2", ("2.40", "3.0", "3.2"))):
		yield f"\nstruct ck_function_list{struct} {{\n\tCK_VERSION version;"
		for version, name, _ in functions:
			if version in since:
				yield f"\tCK_{name} {name};"
		yield "};"
		if struct:
			yield f"typedef struct ck_function_list{struct} CK_FUNCTION_LIST{struct}, *CK_FUNCTION_LIST{struct}_PTR;"
	yield "\n" + TAIL


def names(folder):
	"""NAME (prefix, value, name) rows, sorted, the first name of a value that has several."""
	seen = set()
	table = []
	for name, value in rows(folder, "constants"):
		prefix = re.match("[A-Z]+", name).group(0)
		if prefix in NAMED and not AMBIGUOUS.match(name) and (prefix, value) not in seen:
			seen.add((prefix, value))
			table.append((prefix, int(value, 16), name))
	for prefix, value, name in sorted(table):
		yield f"NAME ({prefix}, 0x{value:08x}UL, {name})"


def trace(folder):
	"""PARAM (function, name, type) and FIELD (structure, name, type) rows in their order; an array's type is that of one element."""
	for _, function, parameters in rows(folder, "functions"):
		for parameter in parameters.split(", "):
			kind, name = parameter.rsplit(" ", 1)
			yield f"PARAM ({function}, {name}, {kind})"
	for struct, fields in structures(folder).items():
		for field, kind in fields:
			yield f"FIELD ({struct}, {field}, {kind.partition('[')[0]})"


def peers(folder):
	"""PEER (mechanism, value, who has it) rows; who is letters of Craton HSM, SoftHSM, Kryoptic and NSS."""
	for row in rows(folder, "mechanisms"):
		name, value, *marks = row + [""] * (7 - len(row))
		number = "CK_UNAVAILABLE_INFORMATION" if value == "-" else f"{value}UL"
		who = "".join(letter for letter, mark in zip("CSKN", marks) if mark)
		yield f'PEER ({name}, {number}, "{who}")'


def main():
	what, folder, output = sys.argv[1:]
	lines = {"header": header, "names": names, "trace": trace, "peers": peers}[what](folder)
	with open(output, "w", encoding="utf-8") as out:
		out.write("\n".join(lines) + "\n")


main()
