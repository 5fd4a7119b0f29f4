/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The soft token's entry: its function list, C_Initialize and C_Finalize, and what can be asked of
 * slots and tokens without a session. Nothing is opened before a slot is asked for: a process is
 * started per client.
 */
#include "config.h"

#include "token.h"

#include <string.h>

#include "builtin.h"
#include "functions.h"
#include "mech.h"
#include "pin.h"
#include "slot.h"
#include "state.h"
#include "table.h"

#define MANUFACTURER "Craton"
#define DESCRIPTION "Craton soft token"
#define MODEL "Soft token"

#define ROW(name) .C_##name = craton_token_##name,

static CK_FUNCTION_LIST functions_2_40 = { .version = { 2, 40 },
	                                   CRATON_TOKEN_FUNCTIONS_2_40 (ROW) };
static CK_FUNCTION_LIST_3_0 functions_3_0 = { .version = { 3, 0 },
	                                      CRATON_TOKEN_FUNCTIONS_2_40 (ROW)
	                                              CRATON_TOKEN_FUNCTIONS_3_0 (ROW) };
static CK_FUNCTION_LIST_3_2 functions_3_2 = { .version = { 3, 2 }, CRATON_TOKEN_FUNCTIONS (ROW) };

#undef ROW

/* The first is the default. */
static CK_INTERFACE interfaces[] = {
	{ (char *) "PKCS 11", &functions_3_2, 0 },
	{ (char *) "PKCS 11", &functions_3_0, 0 },
	{ (char *) "PKCS 11", &functions_2_40, 0 },
};

CK_FUNCTION_LIST_3_2 *
craton_token_function_list (void)
{
	return &functions_3_2;
}

void
craton_token_configure (const CratonTokenConfig *configs, gsize n_configs)
{
	g_assert (!craton_table.initialized);
	for (gsize i = 0; i < craton_table.n_slots; i++) {
		g_free (craton_table.slots[i].config.name);
		g_free (craton_table.slots[i].config.store);
		pthread_mutex_destroy (&craton_table.slots[i].io);
	}
	g_free (craton_table.slots);

	craton_table.slots = g_new0 (CratonSlot, n_configs);
	craton_table.n_slots = n_configs;
	for (gsize i = 0; i < n_configs; i++) {
		CratonSlot *slot = &craton_table.slots[i];

		slot->id = i;
		slot->config = configs[i];
		slot->config.name = g_strdup (configs[i].name);
		slot->config.store = g_strdup (configs[i].store);
		slot->lock_fd = -1;
		pthread_mutex_init (&slot->io, NULL);
	}
}

CK_RV
craton_token_GetFunctionList (CK_FUNCTION_LIST_PTR_PTR list)
{
	if (list == NULL)
		return CKR_ARGUMENTS_BAD;
	*list = &functions_2_40;
	return CKR_OK;
}

CK_RV
craton_token_GetInterfaceList (CK_INTERFACE_PTR list, CK_ULONG_PTR count)
{
	CK_ULONG room;

	if (count == NULL)
		return CKR_ARGUMENTS_BAD;
	room = *count;
	*count = G_N_ELEMENTS (interfaces);
	if (list == NULL)
		return CKR_OK;
	if (room < G_N_ELEMENTS (interfaces))
		return CKR_BUFFER_TOO_SMALL;
	memcpy (list, interfaces, sizeof interfaces);
	return CKR_OK;
}

CK_RV
craton_token_GetInterface (CK_UTF8CHAR_PTR name, CK_VERSION_PTR version,
                           CK_INTERFACE_PTR_PTR interface, CK_FLAGS flags)
{
	if (interface == NULL)
		return CKR_ARGUMENTS_BAD;
	for (gsize i = 0; i < G_N_ELEMENTS (interfaces); i++) {
		const CK_VERSION *has = interfaces[i].pFunctionList;

		if (name != NULL && strcmp ((const char *) name, interfaces[i].pInterfaceName) != 0)
			continue;
		if (version != NULL &&
		    (version->major != has->major || version->minor != has->minor))
			continue;
		if ((interfaces[i].flags & flags) != flags)
			continue;
		*interface = &interfaces[i];
		return CKR_OK;
	}
	return CKR_FUNCTION_FAILED;
}

/* We lock with the system's locks, whether the client needs it or not, and with nothing else. */
static CK_RV
check_init_args (const CK_C_INITIALIZE_ARGS *args)
{
	guint n_given;

	if (args == NULL)
		return CKR_OK;
	if (args->pReserved != NULL)
		return CKR_ARGUMENTS_BAD;
	n_given = (args->CreateMutex != NULL) + (args->DestroyMutex != NULL) +
	          (args->LockMutex != NULL) + (args->UnlockMutex != NULL);
	if (n_given != 0 && n_given != 4)
		return CKR_ARGUMENTS_BAD;
	return n_given == 4 && (args->flags & CKF_OS_LOCKING_OK) == 0 ? CKR_CANT_LOCK : CKR_OK;
}

CK_RV
craton_token_Initialize (CK_VOID_PTR args)
{
	CK_RV rv = check_init_args (args);

	if (rv != CKR_OK)
		return rv;
	craton_table_lock ();
	if (craton_table.initialized)
		rv = CKR_CRYPTOKI_ALREADY_INITIALIZED;
	else
		craton_table_start ();
	craton_table_unlock ();
	return rv;
}

CK_RV
craton_token_Finalize (CK_VOID_PTR reserved)
{
	CK_RV rv = CKR_OK;

	if (reserved != NULL)
		return CKR_ARGUMENTS_BAD;
	craton_table_lock ();
	if (craton_table.initialized)
		craton_table_stop ();
	else
		rv = CKR_CRYPTOKI_NOT_INITIALIZED;
	craton_table_unlock ();
	for (gsize i = 0; rv == CKR_OK && i < craton_table.n_slots; i++)
		craton_slot_close (&craton_table.slots[i]);
	if (rv == CKR_OK)
		craton_state_clear ();
	return rv;
}

static CK_RV
check_initialized (void)
{
	CK_RV rv;

	craton_table_lock ();
	rv = craton_table.initialized ? CKR_OK : CKR_CRYPTOKI_NOT_INITIALIZED;
	craton_table_unlock ();
	return rv;
}

/* Fills a fixed field with blanks behind the text, which is cut between characters. */
static void
pad (CK_UTF8CHAR *field, gsize field_len, const char *text)
{
	gsize len = strlen (text);

	if (len > field_len) {
		len = field_len;
		while (len > 0 && ((guchar) text[len] & 0xc0) == 0x80)
			len--;
	}
	memset (field, ' ', field_len);
	memcpy (field, text, len);
}

static CK_VERSION
own_version (void)
{
	char *end;
	guint64 major = g_ascii_strtoull (PACKAGE_VERSION, &end, 10);
	guint64 minor = *end == '.' ? g_ascii_strtoull (end + 1, NULL, 10) : 0;

	return (CK_VERSION){ (CK_BYTE) major, (CK_BYTE) minor };
}

CK_RV
craton_token_GetInfo (CK_INFO_PTR info)
{
	CK_RV rv = check_initialized ();

	if (rv != CKR_OK)
		return rv;
	if (info == NULL)
		return CKR_ARGUMENTS_BAD;
	memset (info, 0, sizeof *info);
	info->cryptokiVersion = (CK_VERSION){ CRYPTOKI_VERSION_MAJOR, CRYPTOKI_VERSION_MINOR };
	pad (info->manufacturerID, sizeof info->manufacturerID, MANUFACTURER);
	pad (info->libraryDescription, sizeof info->libraryDescription, DESCRIPTION);
	info->libraryVersion = own_version ();
	return CKR_OK;
}

CK_RV
craton_token_GetSlotList (CK_BBOOL token_present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count)
{
	CK_ULONG room;
	CK_RV rv = check_initialized ();

	if (rv != CKR_OK)
		return rv;
	if (count == NULL)
		return CKR_ARGUMENTS_BAD;
	/* Whoever may not have a store is told here, before he relies on the slot. */
	for (gsize i = 0; i < craton_table.n_slots; i++) {
		rv = craton_slot_claim (&craton_table.slots[i]);
		if (rv != CKR_OK)
			return rv;
	}
	room = *count;
	*count = craton_table.n_slots;
	if (list == NULL)
		return CKR_OK;
	if (room < craton_table.n_slots)
		return CKR_BUFFER_TOO_SMALL;
	for (gsize i = 0; i < craton_table.n_slots; i++)
		list[i] = craton_table.slots[i].id;
	return CKR_OK;
}

CK_RV
craton_token_GetSlotInfo (CK_SLOT_ID id, CK_SLOT_INFO_PTR info)
{
	g_autofree char *description = NULL;
	CratonSlot *slot;
	CK_RV rv = craton_slot_find (id, &slot);

	if (rv != CKR_OK)
		return rv;
	if (info == NULL)
		return CKR_ARGUMENTS_BAD;
	memset (info, 0, sizeof *info);
	description = g_strdup_printf ("%s: %s", DESCRIPTION, slot->config.name);
	pad (info->slotDescription, sizeof info->slotDescription, description);
	pad (info->manufacturerID, sizeof info->manufacturerID, MANUFACTURER);
	info->flags = CKF_TOKEN_PRESENT;
	info->firmwareVersion = own_version ();
	return CKR_OK;
}

/* Called under the table's lock. */
static void
fill_token_info (const CratonSlot *slot, CK_TOKEN_INFO *info)
{
	info->flags = CKF_RNG | CKF_LOGIN_REQUIRED | CKF_DUAL_CRYPTO_OPERATIONS |
	              CKF_CLOCK_ON_TOKEN;
	info->ulSessionCount = slot->n_sessions;
	info->ulRwSessionCount = slot->n_sessions - slot->n_read_only_sessions;
	if (slot->read_only)
		info->flags |= CKF_WRITE_PROTECTED;
	if (!slot->initialized)
		return;
	info->flags |= CKF_TOKEN_INITIALIZED | craton_pin_flags (slot);
	if (slot->token.pins[CRATON_PIN_USER].set)
		info->flags |= CKF_USER_PIN_INITIALIZED;
	memcpy (info->label, slot->token.label, sizeof info->label);
	memcpy (info->serialNumber, slot->token.serial, sizeof info->serialNumber);
}

CK_RV
craton_token_GetTokenInfo (CK_SLOT_ID id, CK_TOKEN_INFO_PTR info)
{
	g_autoptr (CratonStore) store = NULL;
	gchar utc[CRATON_BUILTIN_TIME_LEN + 1];
	CratonSlot *slot;
	CK_RV rv = craton_slot_find (id, &slot);

	if (rv != CKR_OK)
		return rv;
	if (info == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = craton_slot_look (slot, &store);
	if (rv != CKR_OK)
		return rv;
	memset (info, 0, sizeof *info);
	pad (info->label, sizeof info->label, "");
	pad (info->manufacturerID, sizeof info->manufacturerID, MANUFACTURER);
	pad (info->model, sizeof info->model, MODEL);
	pad (info->serialNumber, sizeof info->serialNumber, "");
	craton_builtin_time (utc);
	pad (info->utcTime, sizeof info->utcTime, utc);
	info->ulMaxSessionCount = CRATON_SESSIONS_MAX;
	info->ulMaxRwSessionCount = CRATON_SESSIONS_MAX;
	info->ulMaxPinLen = CRATON_PIN_LEN_MAX;
	info->ulMinPinLen = CRATON_PIN_LEN_MIN;
	info->ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION;
	info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
	info->ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION;
	info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
	info->firmwareVersion = own_version ();
	craton_table_lock ();
	fill_token_info (slot, info);
	craton_table_unlock ();
	return CKR_OK;
}

CK_RV
craton_token_GetMechanismList (CK_SLOT_ID id, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count)
{
	const CratonMech *mech;
	CratonSlot *slot;
	gsize index = 0;
	CK_ULONG room, n = 0;
	CK_RV rv = craton_slot_find (id, &slot);

	if (rv != CKR_OK)
		return rv;
	if (count == NULL)
		return CKR_ARGUMENTS_BAD;
	room = *count;
	for (; (mech = craton_mech_next (&slot->config, &index)) != NULL; n++)
		if (list != NULL && n < room)
			list[n] = mech->type;
	*count = n;
	return list != NULL && room < n ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

CK_RV
craton_token_GetMechanismInfo (CK_SLOT_ID id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info)
{
	const CratonMech *mech;
	CratonSlot *slot;
	CK_ULONG unit;
	CK_RV rv = craton_slot_find (id, &slot);

	if (rv != CKR_OK)
		return rv;
	if (info == NULL)
		return CKR_ARGUMENTS_BAD;
	mech = craton_mech_find (&slot->config, type);
	if (mech == NULL)
		return CKR_MECHANISM_INVALID;
	unit = mech->info_in_bits ? 8 : 1;
	*info = (CK_MECHANISM_INFO){ unit * craton_mech_min_size (&slot->config, mech),
	                             unit * mech->max_size, craton_mech_flags (mech) };
	return CKR_OK;
}

/* Tokens do not come and go here, so there is nothing to wait for but the end. */
CK_RV
craton_token_WaitForSlotEvent (CK_FLAGS flags, CK_SLOT_ID_PTR slot, CK_VOID_PTR reserved)
{
	guint generation;
	CK_RV rv = check_initialized ();

	if (rv != CKR_OK)
		return rv;
	if (slot == NULL || reserved != NULL)
		return CKR_ARGUMENTS_BAD;
	if ((flags & CKF_DONT_BLOCK) != 0)
		return CKR_NO_EVENT;
	craton_table_lock ();
	generation = craton_table.generation;
	while (craton_table.initialized && craton_table.generation == generation)
		pthread_cond_wait (&craton_table.finalized, &craton_table.lock);
	craton_table_unlock ();
	return CKR_CRYPTOKI_NOT_INITIALIZED;
}

/* PKCS#11 3.2, Parallel function management functions: legacy, and never anything else. */
static CK_RV
not_parallel (CK_SESSION_HANDLE handle)
{
	CratonSession *session;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	craton_session_release (session);
	return CKR_FUNCTION_NOT_PARALLEL;
}

CK_RV
craton_token_GetFunctionStatus (CK_SESSION_HANDLE session)
{
	return not_parallel (session);
}

CK_RV
craton_token_CancelFunction (CK_SESSION_HANDLE session)
{
	return not_parallel (session);
}
