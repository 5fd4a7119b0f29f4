/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See fork-common.h: the module, its token, and what is asked of both sides of a fork. The token
 * has an RSA key, because every token has that, and its signatures in several parts are the
 * operation in progress that a fork must not disturb.
 */
#include "config.h"

#include "fork-common.h"

#include <dlfcn.h>
#include <string.h>

#include "bind.h"
#include "calls.h"
#include "craton.h"

#define LABEL "fork"
#define PIN "12345678"
#define SO_PIN "87654321"
#define P11_KIT_PROXY "p11-kit-proxy.so"

CK_FUNCTION_LIST_3_2 *p11;
void *module_library;

static CK_BYTE label[] = LABEL, pin[] = PIN, so_pin[] = SO_PIN;
static CK_BYTE text[] = "a text that is signed on both sides of a fork";
static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

static void
load (const char *path)
{
	CK_C_GetInterface get_interface;
	CK_C_GetFunctionList get_function_list;
	CK_FUNCTION_LIST *list = NULL;
	CK_INTERFACE *interface = NULL;
	CK_VERSION version = { 3, 2 };

	module_library = dlopen (path, RTLD_NOW | RTLD_LOCAL);
	if (module_library == NULL)
		fail (__FILE__, __LINE__, "%s", dlerror ());
	*(void **) &get_interface = dlsym (module_library, "C_GetInterface");
	*(void **) &get_function_list = dlsym (module_library, "C_GetFunctionList");
	check (get_function_list != NULL);
	if (get_interface != NULL && get_interface (NULL, &version, &interface, 0) == CKR_OK) {
		p11 = interface->pFunctionList;
		return;
	}
	check_rv (get_function_list (&list), CKR_OK);
	p11 = (CK_FUNCTION_LIST_3_2 *) list;
}

void
load_module (void)
{
	load (rig.via_p11_kit ? P11_KIT_PROXY : rig.module);
}

bool
has_function (int call)
{
	return p11->version.major >= 3 || craton_calls[call].offset < sizeof (CK_FUNCTION_LIST);
}

void
initialize (void)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };

	check_rv (p11->C_Initialize (&args), CKR_OK);
}

void
finalize (void)
{
	check_rv (p11->C_Finalize (NULL), CKR_OK);
}

/* SoftHSM's C_GetTokenInfo fails while another process logs in, which writes the token's file: then
 * it is asked again. */
CK_SLOT_ID
find_slot (void)
{
	int64_t deadline = now_ms () + PATIENCE_MS;
	bool busy;

	do {
		CK_SLOT_ID slots[64];
		CK_ULONG n_slots = 64;
		CK_TOKEN_INFO info;

		busy = false;
		check_rv (p11->C_GetSlotList (CK_TRUE, slots, &n_slots), CKR_OK);
		for (CK_ULONG i = 0; i < n_slots; i++) {
			CK_RV rv = p11->C_GetTokenInfo (slots[i], &info);

			if (rv == CKR_OK && memcmp (info.label, LABEL " ", sizeof (LABEL)) == 0)
				return slots[i];
			if (rig.hosted && rv == CKR_GENERAL_ERROR)
				busy = true;
			else
				check_rv (rv, CKR_OK);
		}
	} while (busy && now_ms () < deadline);
	fail (__FILE__, __LINE__, "no token \"%s\"", LABEL);
}

static CK_OBJECT_HANDLE
find_key (CK_SESSION_HANDLE session, CK_OBJECT_CLASS class)
{
	CK_ATTRIBUTE template[] = { { CKA_CLASS, &class, sizeof (class) } };
	CK_OBJECT_HANDLE key;
	CK_ULONG n_keys;

	check_rv (p11->C_FindObjectsInit (session, template, 1), CKR_OK);
	check_rv (p11->C_FindObjects (session, &key, 1, &n_keys), CKR_OK);
	check_rv (p11->C_FindObjectsFinal (session), CKR_OK);
	check (n_keys == 1);
	return key;
}

User
open_user (void)
{
	User user = { 0 };

	check_rv (p11->C_OpenSession (find_slot (), CKF_SERIAL_SESSION, NULL, NULL, &user.session),
	          CKR_OK);
	return user;
}

void
log_in (const User *user)
{
	check_rv (p11->C_Login (user->session, CKU_USER, pin, sizeof (PIN) - 1), CKR_OK);
}

void
find_keys (User *user)
{
	user->private_key = find_key (user->session, CKO_PRIVATE_KEY);
	user->public_key = find_key (user->session, CKO_PUBLIC_KEY);
}

User
new_user (void)
{
	User user = open_user ();

	log_in (&user);
	find_keys (&user);
	return user;
}

CK_RV
try_sign (const User *user, CK_BYTE *signature, CK_ULONG *inout_len)
{
	CK_MECHANISM mechanism = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	CK_RV rv = p11->C_SignInit (user->session, &mechanism, user->private_key);

	return rv != CKR_OK
	               ? rv
	               : p11->C_Sign (user->session, text, sizeof (text), signature, inout_len);
}

void
sign (const User *user)
{
	CK_MECHANISM mechanism = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	CK_BYTE signature[256];
	CK_ULONG len = sizeof (signature);

	check_rv (try_sign (user, signature, &len), CKR_OK);
	check_rv (p11->C_VerifyInit (user->session, &mechanism, user->public_key), CKR_OK);
	check_rv (p11->C_Verify (user->session, text, sizeof (text), signature, len), CKR_OK);
}

void
start_anew (void)
{
	User user;

	/* What p11-kit has not seen it has to be told. It passes that on to us, who refuse. */
	if (p11_kit_blind ())
		(void) p11->C_Finalize (NULL);
	initialize ();
	check (craton_check_fork () == 0);
	user = new_user ();
	sign (&user);
}

/* Work in progress */

void
work_begin (Work *work)
{
	CK_MECHANISM mechanism = { CKM_SHA256_RSA_PKCS, NULL, 0 };

	memset (work, 0, sizeof (*work));
	work->user = new_user ();
	work->parts = open_user ();
	find_keys (&work->parts);
	work->search = open_user ().session;
	check_rv (p11->C_SignInit (work->parts.session, &mechanism, work->parts.private_key),
	          CKR_OK);
	check_rv (p11->C_FindObjectsInit (work->search, NULL, 0), CKR_OK);
	work_go_on (work);
}

void
work_go_on (Work *work)
{
	CK_SESSION_INFO info;

	check_rv (p11->C_SignUpdate (work->parts.session, text, sizeof (text)), CKR_OK);
	work->n_parts++;
	check_rv (p11->C_GetSessionInfo (work->search, &info), CKR_OK);
	check (info.state == CKS_RO_USER_FUNCTIONS);
	check (craton_check_fork () == 0);
	sign (&work->user);
}

void
work_end (Work *work)
{
	CK_MECHANISM mechanism = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	CK_BYTE signature[256];
	CK_ULONG len = sizeof (signature), n_found;
	CK_OBJECT_HANDLE found[8];

	work_go_on (work);
	check_rv (p11->C_SignFinal (work->parts.session, signature, &len), CKR_OK);
	check_rv (p11->C_VerifyInit (work->parts.session, &mechanism, work->parts.public_key),
	          CKR_OK);
	for (CK_ULONG i = 0; i < work->n_parts; i++)
		check_rv (p11->C_VerifyUpdate (work->parts.session, text, sizeof (text)), CKR_OK);
	check_rv (p11->C_VerifyFinal (work->parts.session, signature, len), CKR_OK);
	check_rv (p11->C_FindObjects (work->search, found, 8, &n_found), CKR_OK);
	check (n_found == 2);
	check_rv (p11->C_FindObjectsFinal (work->search), CKR_OK);
}

/* Refusal */

/* What a refusal is not asked of: the four that are allowed, and through p11-kit what it answers by
 * itself. */
static bool
is_exempt (CratonCallId call)
{
	switch (call) {
	case CRATON_C_Initialize:
	case CRATON_C_GetFunctionList:
	case CRATON_C_GetInterfaceList:
	case CRATON_C_GetInterface:
		return true;
	default:
		break;
	}
	if (!rig.via_p11_kit)
		return false;
	/* These p11-kit answers itself, the same before C_Initialize as after. */
	if (call == CRATON_C_GetFunctionStatus || call == CRATON_C_CancelFunction ||
	    call == CRATON_C_WaitForSlotEvent)
		return true;
	/* If p11-kit has not noticed the fork, it still tells what it knows by heart. */
	return (p11_kit_blind () || p11_kit_breaks ()) && craton_calls[call].signature[0] != 's';
}

/* One call of function @call, on the caller's stack alone. Pointers lead to zeroes, for p11-kit
 * looks at some of them first. */
static CK_RV
call_blindly (CratonCallId call, CK_SESSION_HANDLE session)
{
	CK_ULONG zeroes[64] = { 0 }, args[CRATON_ARGS_MAX] = { 0 };
	CratonBinding binding;
	void (*function) (void);

	memcpy (&function, (char *) p11 + craton_calls[call].offset, sizeof (function));
	if (!craton_bind_prepare (&binding, call))
		return CKR_GENERAL_ERROR;
	for (unsigned int i = 0; i < binding.cif.nargs; i++) {
		if (binding.types[i] == &ffi_type_pointer && call != CRATON_C_Finalize)
			args[i] = (CK_ULONG) (uintptr_t) zeroes;
	}
	if (craton_calls[call].signature[0] == 's')
		args[0] = session;
	return craton_bind_call (&binding, function, args);
}

void
practise (void)
{
	check_rv (call_blindly (CRATON_C_GetInfo, 0), CKR_OK);
}

const char *
find_not_refused (CK_SESSION_HANDLE session)
{
	for (unsigned int i = 0; i < CRATON_CALLS; i++) {
		if (!is_exempt ((CratonCallId) i) && has_function ((int) i) &&
		    call_blindly ((CratonCallId) i, session) != CKR_CRYPTOKI_NOT_INITIALIZED)
			return craton_calls[i].name;
	}
	return NULL;
}

void
expect_refused (CK_SESSION_HANDLE session)
{
	const char *name = find_not_refused (session);

	if (name != NULL)
		fail (__FILE__, __LINE__, "%s is not refused", name);
	check (craton_check_fork () == 1);
}

/* Making the token */

static void
make_keys (CK_SESSION_HANDLE session)
{
	CK_MECHANISM mechanism = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	CK_ULONG bits = 2048;
	CK_BYTE exponent[] = { 1, 0, 1 };
	CK_ATTRIBUTE public_template[] = {
		{ CKA_TOKEN, &yes, sizeof (yes) },
		{ CKA_PRIVATE, &no, sizeof (no) },
		{ CKA_VERIFY, &yes, sizeof (yes) },
		{ CKA_MODULUS_BITS, &bits, sizeof (bits) },
		{ CKA_PUBLIC_EXPONENT, exponent, sizeof (exponent) },
	};
	CK_ATTRIBUTE private_template[] = {
		{ CKA_TOKEN, &yes, sizeof (yes) },
		{ CKA_PRIVATE, &yes, sizeof (yes) },
		{ CKA_SIGN, &yes, sizeof (yes) },
	};
	CK_OBJECT_HANDLE keys[2];

	check_rv (p11->C_GenerateKeyPair (session, &mechanism, public_template, 5, private_template,
	                                  3, &keys[0], &keys[1]),
	          CKR_OK);
}

void
make_token (void)
{
	CK_SLOT_ID slots[8];
	CK_ULONG n_slots = 8;
	CK_UTF8CHAR padded[32];
	CK_SESSION_HANDLE session;

	load (rig.module);
	initialize ();
	check_rv (p11->C_GetSlotList (CK_FALSE, slots, &n_slots), CKR_OK);
	check (n_slots >= 1);
	memset (padded, ' ', sizeof (padded));
	memcpy (padded, label, sizeof (LABEL) - 1);
	check_rv (p11->C_InitToken (slots[0], so_pin, sizeof (SO_PIN) - 1, padded), CKR_OK);
	check_rv (p11->C_OpenSession (slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
	                              &session),
	          CKR_OK);
	check_rv (p11->C_Login (session, CKU_SO, so_pin, sizeof (SO_PIN) - 1), CKR_OK);
	check_rv (p11->C_InitPIN (session, pin, sizeof (PIN) - 1), CKR_OK);
	check_rv (p11->C_Logout (session), CKR_OK);
	check_rv (p11->C_Login (session, CKU_USER, pin, sizeof (PIN) - 1), CKR_OK);
	make_keys (session);
	finalize ();
}
