/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the token does not do. One line per function, checked against its type in functions.h; a
 * line that goes is a function that comes.
 */
#include "config.h"

#include "functions.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"

#define NOT_SUPPORTED(name, ...)                   \
	CK_RV                                      \
	craton_token_##name (__VA_ARGS__)          \
	{                                          \
		return CKR_FUNCTION_NOT_SUPPORTED; \
	}

/* clang-format off */
NOT_SUPPORTED (GetOperationState, CK_SESSION_HANDLE a, CK_BYTE_PTR b, CK_ULONG_PTR c)
NOT_SUPPORTED (SetOperationState, CK_SESSION_HANDLE a, CK_BYTE_PTR b, CK_ULONG c,
               CK_OBJECT_HANDLE d, CK_OBJECT_HANDLE e)
NOT_SUPPORTED (MessageEncryptInit, CK_SESSION_HANDLE a, CK_MECHANISM_PTR b, CK_OBJECT_HANDLE c)
NOT_SUPPORTED (EncryptMessage, CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c, CK_BYTE_PTR d,
               CK_ULONG e, CK_BYTE_PTR f, CK_ULONG g, CK_BYTE_PTR h, CK_ULONG_PTR i)
NOT_SUPPORTED (EncryptMessageBegin, CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c,
               CK_BYTE_PTR d, CK_ULONG e)
NOT_SUPPORTED (EncryptMessageNext, CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c,
               CK_BYTE_PTR d, CK_ULONG e, CK_BYTE_PTR f, CK_ULONG_PTR g, CK_FLAGS h)
NOT_SUPPORTED (MessageEncryptFinal, CK_SESSION_HANDLE a)
NOT_SUPPORTED (MessageDecryptInit, CK_SESSION_HANDLE a, CK_MECHANISM_PTR b, CK_OBJECT_HANDLE c)
NOT_SUPPORTED (DecryptMessage, CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c, CK_BYTE_PTR d,
               CK_ULONG e, CK_BYTE_PTR f, CK_ULONG g, CK_BYTE_PTR h, CK_ULONG_PTR i)
NOT_SUPPORTED (DecryptMessageBegin, CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c,
               CK_BYTE_PTR d, CK_ULONG e)
NOT_SUPPORTED (DecryptMessageNext, CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c,
               CK_BYTE_PTR d, CK_ULONG e, CK_BYTE_PTR f, CK_ULONG_PTR g, CK_FLAGS h)
NOT_SUPPORTED (MessageDecryptFinal, CK_SESSION_HANDLE a)
NOT_SUPPORTED (MessageSignInit, CK_SESSION_HANDLE a, CK_MECHANISM_PTR b, CK_OBJECT_HANDLE c)
NOT_SUPPORTED (SignMessage, CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c, CK_BYTE_PTR d,
               CK_ULONG e, CK_BYTE_PTR f, CK_ULONG_PTR g)
NOT_SUPPORTED (SignMessageBegin, CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c)
NOT_SUPPORTED (SignMessageNext, CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c, CK_BYTE_PTR d,
               CK_ULONG e, CK_BYTE_PTR f, CK_ULONG_PTR g)
NOT_SUPPORTED (MessageSignFinal, CK_SESSION_HANDLE a)
NOT_SUPPORTED (MessageVerifyInit, CK_SESSION_HANDLE a, CK_MECHANISM_PTR b, CK_OBJECT_HANDLE c)
NOT_SUPPORTED (VerifyMessage, CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c, CK_BYTE_PTR d,
               CK_ULONG e, CK_BYTE_PTR f, CK_ULONG g)
NOT_SUPPORTED (VerifyMessageBegin, CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c)
NOT_SUPPORTED (VerifyMessageNext, CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c,
               CK_BYTE_PTR d, CK_ULONG e, CK_BYTE_PTR f, CK_ULONG g)
NOT_SUPPORTED (MessageVerifyFinal, CK_SESSION_HANDLE a)
NOT_SUPPORTED (EncapsulateKey, CK_SESSION_HANDLE a, CK_MECHANISM_PTR b, CK_OBJECT_HANDLE c,
               CK_ATTRIBUTE_PTR d, CK_ULONG e, CK_BYTE_PTR f, CK_ULONG_PTR g,
               CK_OBJECT_HANDLE_PTR h)
NOT_SUPPORTED (DecapsulateKey, CK_SESSION_HANDLE a, CK_MECHANISM_PTR b, CK_OBJECT_HANDLE c,
               CK_ATTRIBUTE_PTR d, CK_ULONG e, CK_BYTE_PTR f, CK_ULONG g,
               CK_OBJECT_HANDLE_PTR h)
NOT_SUPPORTED (VerifySignatureInit, CK_SESSION_HANDLE a, CK_MECHANISM_PTR b,
               CK_OBJECT_HANDLE c, CK_BYTE_PTR d, CK_ULONG e)
NOT_SUPPORTED (VerifySignature, CK_SESSION_HANDLE a, CK_BYTE_PTR b, CK_ULONG c)
NOT_SUPPORTED (VerifySignatureUpdate, CK_SESSION_HANDLE a, CK_BYTE_PTR b, CK_ULONG c)
NOT_SUPPORTED (VerifySignatureFinal, CK_SESSION_HANDLE a)
NOT_SUPPORTED (AsyncComplete, CK_SESSION_HANDLE a, CK_BYTE_PTR b, CK_ASYNC_DATA_PTR c)
NOT_SUPPORTED (AsyncGetID, CK_SESSION_HANDLE a, CK_BYTE_PTR b, CK_ULONG_PTR c)
NOT_SUPPORTED (AsyncJoin, CK_SESSION_HANDLE a, CK_BYTE_PTR b, CK_ULONG c, CK_BYTE_PTR d,
               CK_ULONG e)
NOT_SUPPORTED (WrapKeyAuthenticated, CK_SESSION_HANDLE a, CK_MECHANISM_PTR b,
               CK_OBJECT_HANDLE c, CK_OBJECT_HANDLE d, CK_BYTE_PTR e, CK_ULONG f,
               CK_BYTE_PTR g, CK_ULONG_PTR h)
NOT_SUPPORTED (UnwrapKeyAuthenticated, CK_SESSION_HANDLE a, CK_MECHANISM_PTR b,
               CK_OBJECT_HANDLE c, CK_BYTE_PTR d, CK_ULONG e, CK_ATTRIBUTE_PTR f, CK_ULONG g,
               CK_BYTE_PTR h, CK_ULONG i, CK_OBJECT_HANDLE_PTR j)
