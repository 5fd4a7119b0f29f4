/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every function of the soft token, named once. The prototypes come from pkcs11.h's function types,
 * so a definition that differs from the standard does not compile; module.c makes the function
 * lists from the same names.
 *
 * Where they are: module.c (general, slots, token), pin.c, session.c, object-calls.c, find.c;
 * operation.c, operation-dual.c, keygen.c, wrap.c, derive.c, random.c (all that works with keys);
 * unsupported.c holds the ones that answer CKR_FUNCTION_NOT_SUPPORTED. One that becomes supported
 * is taken out there and defined elsewhere: nothing else names it.
 */
#ifndef CRATON_TOKEN_FUNCTIONS_H
#define CRATON_TOKEN_FUNCTIONS_H

#include "pkcs11.h"

/* clang-format off */
/* X (name) for each C_name, in the order of CK_FUNCTION_LIST; then what later forms have more. */
#define CRATON_TOKEN_FUNCTIONS_2_40(X) \
	X (Initialize) X (Finalize) X (GetInfo) X (GetFunctionList) X (GetSlotList) \
	X (GetSlotInfo) X (GetTokenInfo) X (GetMechanismList) X (GetMechanismInfo) \
	X (InitToken) X (InitPIN) X (SetPIN) X (OpenSession) X (CloseSession) \
	X (CloseAllSessions) X (GetSessionInfo) X (GetOperationState) X (SetOperationState) \
	X (Login) X (Logout) X (CreateObject) X (CopyObject) X (DestroyObject) \
	X (GetObjectSize) X (GetAttributeValue) X (SetAttributeValue) X (FindObjectsInit) \
	X (FindObjects) X (FindObjectsFinal) X (EncryptInit) X (Encrypt) X (EncryptUpdate) \
	X (EncryptFinal) X (DecryptInit) X (Decrypt) X (DecryptUpdate) X (DecryptFinal) \
	X (DigestInit) X (Digest) X (DigestUpdate) X (DigestKey) X (DigestFinal) X (SignInit) \
	X (Sign) X (SignUpdate) X (SignFinal) X (SignRecoverInit) X (SignRecover) \
	X (VerifyInit) X (Verify) X (VerifyUpdate) X (VerifyFinal) X (VerifyRecoverInit) \
	X (VerifyRecover) X (DigestEncryptUpdate) X (DecryptDigestUpdate) \
	X (SignEncryptUpdate) X (DecryptVerifyUpdate) X (GenerateKey) X (GenerateKeyPair) \
	X (WrapKey) X (UnwrapKey) X (DeriveKey) X (SeedRandom) X (GenerateRandom) \
	X (GetFunctionStatus) X (CancelFunction) X (WaitForSlotEvent)

#define CRATON_TOKEN_FUNCTIONS_3_0(X) \
	X (GetInterfaceList) X (GetInterface) X (LoginUser) X (SessionCancel) \
	X (MessageEncryptInit) X (EncryptMessage) X (EncryptMessageBegin) \
	X (EncryptMessageNext) X (MessageEncryptFinal) X (MessageDecryptInit) \
	X (DecryptMessage) X (DecryptMessageBegin) X (DecryptMessageNext) \
	X (MessageDecryptFinal) X (MessageSignInit) X (SignMessage) X (SignMessageBegin) \
	X (SignMessageNext) X (MessageSignFinal) X (MessageVerifyInit) X (VerifyMessage) \
	X (VerifyMessageBegin) X (VerifyMessageNext) X (MessageVerifyFinal)

#define CRATON_TOKEN_FUNCTIONS_3_2(X) \
	X (EncapsulateKey) X (DecapsulateKey) X (VerifySignatureInit) X (VerifySignature) \
	X (VerifySignatureUpdate) X (VerifySignatureFinal) X (GetSessionValidationFlags) \
	X (AsyncComplete) X (AsyncGetID) X (AsyncJoin) X (WrapKeyAuthenticated) \
	X (UnwrapKeyAuthenticated)

#define CRATON_TOKEN_FUNCTIONS(X) \
	CRATON_TOKEN_FUNCTIONS_2_40 (X) \
	CRATON_TOKEN_FUNCTIONS_3_0 (X) \
	CRATON_TOKEN_FUNCTIONS_3_2 (X)

/* clang-format on */

#define CRATON_TOKEN_DECLARE(name) __typeof__ (*(CK_C_##name) 0) craton_token_##name;
CRATON_TOKEN_FUNCTIONS (CRATON_TOKEN_DECLARE)
#undef CRATON_TOKEN_DECLARE

#endif /* CRATON_TOKEN_FUNCTIONS_H */
