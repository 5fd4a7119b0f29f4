/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the token does not do: there are no asynchronous sessions (C_OpenSession says
 * CKR_SESSION_ASYNC_NOT_SUPPORTED), so there is nothing to wait for, name or join. The handle is the
 * client's. Called through the function list.
 */
#include "config.h"

#include "functions.h"
#include "session.h"

static CK_RV
not_supported (CK_SESSION_HANDLE handle)
{
	g_autoptr (CratonSession) session = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	return rv == CKR_OK ? CKR_FUNCTION_NOT_SUPPORTED : rv;
}

CK_RV
craton_token_AsyncComplete (CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR function,
                            CK_ASYNC_DATA_PTR result)
{
	(void) function;
	(void) result;
	return not_supported (session);
}

CK_RV
craton_token_AsyncGetID (CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR function, CK_ULONG_PTR id)
{
	(void) function;
	(void) id;
	return not_supported (session);
}

CK_RV
craton_token_AsyncJoin (CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR function, CK_ULONG id,
                        CK_BYTE_PTR data, CK_ULONG data_len)
{
	(void) function;
	(void) id;
	(void) data;
	(void) data_len;
	return not_supported (session);
}
