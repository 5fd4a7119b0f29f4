/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PINs and the functions that set them. A PIN opens the wrap of the token key or does not; how
 * often it did not is counted in the store before each try. Called by clients with anything they
 * like, and by session.c for logins.
 */
#include "config.h"

#include "pin.h"

#include <glib/gi18n-lib.h>
#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

#include "drbg.h"
#include "functions.h"
#include "ledger.h"
#include "slot.h"

/* A PIN out of the client's memory, which the client may change while it is looked at. */
typedef struct {
	guint8 bytes[CRATON_PIN_LEN_MAX];
	gsize len;
} Pin;

static void
pin_clear (Pin *pin)
{
	OPENSSL_cleanse (pin, sizeof *pin);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pin, pin_clear)

/* Returns: FALSE if it is longer than any PIN. */
static gboolean
take_pin (const CK_BYTE *bytes, gsize len, Pin *ret_pin)
{
	if (len > sizeof ret_pin->bytes)
		return FALSE;
	if (len > 0)
		memcpy (ret_pin->bytes, bytes, len);
	ret_pin->len = len;
	return TRUE;
}

/* One that is to be set: UTF-8 (PKCS#11 3.2, C_SetPIN) of good length, and no zero, which no program
 * can pass on. */
static CK_RV
take_new_pin (const CK_BYTE *bytes, gsize len, Pin *ret_pin)
{
	if (len < CRATON_PIN_LEN_MIN || !take_pin (bytes, len, ret_pin))
		return CKR_PIN_LEN_RANGE;
	return g_utf8_validate_len ((const char *) ret_pin->bytes, len, NULL) ? CKR_OK
	                                                                      : CKR_PIN_INVALID;
}

/* A try that is under way. */
typedef struct {
	CratonSlot *slot;
	CratonPinRole role;
	CratonStore *store;
	CratonStoreToken token; /* with the PIN that is tried */
} Try;

/* Counts where the store cannot: it is read-only, and somebody who can read it could try a copy as
 * often as he likes. */
static CK_RV
count_in_memory (Try *try)
{
	guint *failures = &try->slot->failures[try->role];
	CK_RV rv = craton_store_read_token (try->store, &try->token);

	if (rv != CKR_OK)
		return rv;
	if (!try->token.pins[try->role].set)
		return CKR_USER_PIN_NOT_INITIALIZED;
	craton_table_lock ();
	if (try->token.pins[try->role].failures + *failures >= CRATON_PIN_TRIES)
		rv = CKR_PIN_LOCKED;
	else
		(*failures)++;
	craton_table_unlock ();
	return rv;
}

static CK_RV
count (Try *try)
{
	g_autoptr (CratonStoreChange) change = NULL;
	CratonStorePin *pin = &try->token.pins[try->role];
	CK_RV rv;

	if (craton_store_is_read_only (try->store))
		return count_in_memory (try);
	rv = craton_store_begin (try->store, &change);
	if (rv == CKR_OK)
		rv = craton_store_get_token (change, &try->token);
	if (rv != CKR_OK)
		return rv;
	if (!pin->set)
		return CKR_USER_PIN_NOT_INITIALIZED;
	if (pin->failures >= CRATON_PIN_TRIES)
		return CKR_PIN_LOCKED;
	pin->failures++;
	rv = craton_store_set_pin (change, try->role, pin);
	return rv == CKR_OK ? craton_store_commit (g_steal_pointer (&change)) : rv;
}

/* Writes a PIN over the one that was tried; not over one that somebody else has set meanwhile. The same one with
 * another wrap is the same one. */
static CK_RV
write_pin (const Try *try, const CratonStorePin *pin)
{
	g_autoptr (CratonStoreChange) change = NULL;
	CratonStoreToken token;
	CK_RV rv = craton_store_begin (try->store, &change);

	if (rv == CKR_OK)
		rv = craton_store_get_token (change, &token);
	if (rv == CKR_OK && (memcmp (token.epoch, try->token.epoch, sizeof token.epoch) != 0 ||
	                     !craton_seal_is_same_pin (token.pins[try->role].wrap,
	                                               try->token.pins[try->role].wrap)))
		rv = CKR_PIN_INCORRECT;
	if (rv == CKR_OK)
		rv = craton_store_set_pin (change, try->role, pin);
	return rv == CKR_OK ? craton_store_commit (g_steal_pointer (&change)) : rv;
}

/* The PIN was right: the try does not count. A wrap that costs less than the configuration now asks for is
 * replaced in the same change, so that a crash leaves the old one or the new one. Should that fail, the log knows, and
 * the PIN is right all the same. */
static void
uncount (Try *try, const CratonSealKey *key, const Pin *tried)
{
	CratonStorePin pin = try->token.pins[try->role];
	guint cost = try->slot->config.pin_cost;
	gboolean raise = craton_seal_cost (pin.wrap) < cost;

	craton_table_lock ();
	try->slot->failures[try->role] = 0;
	craton_table_unlock ();
	if (craton_store_is_read_only (try->store))
		return;
	pin.failures = 0;
	if (raise)
		raise = craton_seal_rewrap (key, try->token.pins[try->role].wrap, try->token.epoch,
		                            try->role, tried->bytes, tried->len, cost,
		                            pin.wrap) == CKR_OK;
	if (write_pin (try, &pin) == CKR_OK && raise)
		craton_store_scrub (try->store);
}

static void
tell_locked (const Try *try)
{
	if (try->token.pins[try->role].failures < CRATON_PIN_TRIES)
		return;
	if (try->role == CRATON_PIN_USER)
		g_warning (_ ("The user PIN of token %s is locked after %d wrong tries: its SO can "
		              "set a new one"),
		           try->slot->config.name, CRATON_PIN_TRIES);
	else
		g_warning (
			_ ("The SO PIN of token %s is locked after %d wrong tries: the token can "
		           "be used as it is, and "
		           "set up anew only by removing its directory %s"),
			try->slot->config.name, CRATON_PIN_TRIES, try->slot->config.store);
}

static CK_RV
unwrap (const Try *try, const Pin *pin, CratonSealKey **ret_key)
{
	CK_RV rv = craton_seal_unwrap (try->token.pins[try->role].wrap, try->token.epoch, try->role,
	                               pin->bytes, pin->len, ret_key);

	if (rv == CKR_DEVICE_ERROR)
		g_warning (
			_ ("What token %s keeps of its PIN is damaged: put a copy of the database "
		           "from a backup in its place"),
			try->slot->config.name);
	return rv;
}

CK_RV
craton_pin_verify (CratonSlot *slot, CratonPinRole role, const CK_BYTE *pin, gsize pin_len,
                   CratonSealKey **ret_key, guint8 *ret_wrap)
{
	g_autoptr (CratonStore) store = NULL;
	g_auto (Pin) tried = { .len = 0 };
	gboolean possible = take_pin (pin, pin_len, &tried);
	Try try = { .slot = slot, .role = role };
	int turn;
	CK_RV rv = craton_slot_look (slot, &store);

	if (rv != CKR_OK)
		return rv;
	if (store == NULL)
		return role == CRATON_PIN_USER ? CKR_USER_PIN_NOT_INITIALIZED : CKR_PIN_INCORRECT;
	try.store = store;
	turn = craton_slot_wait_turn (slot);
	rv = count (&try);
	if (rv == CKR_OK && !possible)
		rv = CKR_PIN_INCORRECT;
	if (rv == CKR_OK)
		rv = unwrap (&try, &tried, ret_key);
	if (rv == CKR_OK) {
		uncount (&try, *ret_key, &tried);
		memcpy (ret_wrap, try.token.pins[role].wrap, CRATON_SEAL_WRAP_LEN);
	}
	if (rv == CKR_PIN_INCORRECT)
		tell_locked (&try);
	if (turn >= 0)
		(void) close (turn);
	return rv;
}

static CK_FLAGS
flags_of (guint failures, CK_FLAGS low, CK_FLAGS final, CK_FLAGS locked)
{
	CK_FLAGS flags = failures > 0 ? low : 0;

	if (failures == CRATON_PIN_TRIES - 1)
		flags |= final;
	if (failures >= CRATON_PIN_TRIES)
		flags |= locked;
	return flags;
}

CK_FLAGS
craton_pin_flags (const CratonSlot *slot)
{
	guint so = slot->token.pins[CRATON_PIN_SO].failures + slot->failures[CRATON_PIN_SO];
	guint user = slot->token.pins[CRATON_PIN_USER].failures + slot->failures[CRATON_PIN_USER];

	return flags_of (so, CKF_SO_PIN_COUNT_LOW, CKF_SO_PIN_FINAL_TRY, CKF_SO_PIN_LOCKED) |
	       flags_of (user, CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED);
}

/* A token with a new key and nobody but the SO. The serial number, where there is one, stays. */
static CK_RV
make_token (const CratonSlot *slot, const Pin *pin, const CK_BYTE *label, const CK_CHAR *serial,
            CratonStoreToken *ret_token, GBytes **ret_root)
{
	CratonStoreToken token = { .pins = { [CRATON_PIN_SO] = { .set = TRUE } } };
	g_autoptr (CratonSealKey) key = NULL;
	guint8 random[CRATON_STORE_SERIAL_LEN / 2];
	CK_RV rv = craton_drbg_generate (token.epoch, sizeof token.epoch);

	if (rv == CKR_OK)
		rv = craton_drbg_generate (random, sizeof random);
	if (rv == CKR_OK)
		rv = craton_seal_key_new (&key);
	if (rv == CKR_OK)
		rv = craton_seal_wrap (key, token.epoch, CRATON_PIN_SO, pin->bytes, pin->len,
		                       slot->config.pin_cost, token.pins[CRATON_PIN_SO].wrap);
	if (rv == CKR_OK)
		rv = craton_ledger_new (key, token.epoch, ret_root);
	if (rv != CKR_OK)
		return rv;
	memcpy (token.label, label, sizeof token.label);
	for (gsize i = 0; i < sizeof token.serial; i++)
		token.serial[i] = serial != NULL
		                          ? serial[i]
		                          : "0123456789abcdef"[random[i / 2] >> 4 * (i % 2) & 15];
	*ret_token = token;
	return CKR_OK;
}

static CK_RV
reset_token (CratonSlot *slot, CratonStore *store, const Pin *pin, const CK_BYTE *label)
{
	g_autoptr (CratonSealKey) key = NULL;
	g_autoptr (CratonStoreChange) change = NULL;
	g_autoptr (GBytes) root = NULL;
	CratonStoreToken old, token;
	guint8 wrap[CRATON_SEAL_WRAP_LEN];
	CK_RV rv;

	if (craton_store_is_read_only (store))
		return CKR_TOKEN_WRITE_PROTECTED;
	rv = craton_pin_verify (slot, CRATON_PIN_SO, pin->bytes, pin->len, &key, wrap);
	if (rv == CKR_OK)
		rv = craton_store_read_token (store, &old);
	if (rv == CKR_OK)
		rv = make_token (slot, pin, label, old.serial, &token, &root);
	if (rv == CKR_OK)
		rv = craton_store_begin (store, &change);
	if (rv == CKR_OK)
		rv = craton_store_get_token (change, &old);
	/* The SO that has just been asked may have been replaced. */
	if (rv == CKR_OK && !craton_seal_is_same_pin (old.pins[CRATON_PIN_SO].wrap, wrap))
		rv = CKR_PIN_INCORRECT;
	if (rv == CKR_OK)
		rv = craton_store_reset (change, &token, root);
	if (rv == CKR_OK)
		rv = craton_store_commit (g_steal_pointer (&change));
	if (rv == CKR_OK)
		craton_store_scrub (store);
	return rv;
}

static CK_RV
look_and_reset (CratonSlot *slot, const CK_BYTE *pin, gsize pin_len, const CK_BYTE *label)
{
	g_autoptr (CratonStore) store = NULL;
	g_autoptr (GBytes) root = NULL;
	g_auto (Pin) taken = { .len = 0 };
	CratonStoreToken token;
	CK_RV rv = craton_slot_look (slot, &store);

	if (rv != CKR_OK)
		return rv;
	/* The old SO PIN, or the new token's. */
	if (store != NULL && !take_pin (pin, pin_len, &taken))
		return CKR_PIN_INCORRECT;
	if (store != NULL)
		return reset_token (slot, store, &taken, label);
	rv = take_new_pin (pin, pin_len, &taken);
	if (rv == CKR_OK)
		rv = make_token (slot, &taken, label, NULL, &token, &root);
	if (rv == CKR_OK)
		rv = craton_slot_make (slot, &token, root);
	return rv;
}

CK_RV
craton_token_InitToken (CK_SLOT_ID id, CK_UTF8CHAR_PTR pin, CK_ULONG pin_len, CK_UTF8CHAR_PTR label)
{
	g_autoptr (CratonStore) store = NULL;
	CratonSlot *slot;
	gboolean busy;
	CK_RV rv = craton_slot_find (id, &slot);

	if (rv != CKR_OK)
		return rv;
	if (pin == NULL || label == NULL)
		return CKR_ARGUMENTS_BAD;
	craton_table_lock ();
	busy = slot->n_sessions > 0;
	craton_table_unlock ();
	if (busy)
		return CKR_SESSION_EXISTS;
	rv = look_and_reset (slot, pin, pin_len, label);
	/* Somebody else has made the token in the same moment: then it is initialised anew, with
	 * that SO PIN. */
	if (rv == CKR_TOKEN_NOT_RECOGNIZED)
		rv = look_and_reset (slot, pin, pin_len, label);
	return rv == CKR_OK ? craton_slot_look (slot, &store) : rv;
}

CK_RV
craton_token_InitPIN (CK_SESSION_HANDLE handle, CK_UTF8CHAR_PTR pin, CK_ULONG pin_len)
{
	g_autoptr (CratonSession) session = NULL;
	g_autoptr (CratonStore) store = NULL;
	g_autoptr (CratonSealKey) key = NULL;
	g_autoptr (CratonStoreChange) change = NULL;
	g_auto (Pin) taken = { .len = 0 };
	CratonStorePin new_pin = { .set = TRUE };
	CratonStoreToken token, now;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (pin == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = craton_slot_look (session->slot, &store);
	if (rv != CKR_OK)
		return rv;
	craton_table_lock ();
	if (session->slot->login == CRATON_LOGIN_SO)
		key = craton_seal_key_ref (session->slot->key);
	token = session->slot->token;
	craton_table_unlock ();
	if (key == NULL || store == NULL)
		return CKR_USER_NOT_LOGGED_IN;
	rv = take_new_pin (pin, pin_len, &taken);
	if (rv == CKR_OK)
		rv = craton_seal_wrap (key, token.epoch, CRATON_PIN_USER, taken.bytes, taken.len,
		                       session->slot->config.pin_cost, new_pin.wrap);
	if (rv == CKR_OK)
		rv = craton_store_begin (store, &change);
	if (rv == CKR_OK)
		rv = craton_store_get_token (change, &now);
	if (rv == CKR_OK && memcmp (now.epoch, token.epoch, sizeof now.epoch) != 0)
		rv = CKR_USER_NOT_LOGGED_IN;
	if (rv == CKR_OK)
		rv = craton_store_set_pin (change, CRATON_PIN_USER, &new_pin);
	if (rv == CKR_OK)
		rv = craton_store_commit (g_steal_pointer (&change));
	if (rv == CKR_OK)
		craton_store_scrub (store);
	return rv;
}

/* The PIN that was right is replaced, and the login that it was for, if any, goes on with the new
 * one. */
static CK_RV
change_pin (const Try *try, const CratonStorePin *pin)
{
	CratonSlot *slot = try->slot;
	CratonLogin login = try->role == CRATON_PIN_SO ? CRATON_LOGIN_SO : CRATON_LOGIN_USER;
	CK_RV rv;

	/* Nobody looks at the store in between and takes the new PIN for another process's. */
	pthread_mutex_lock (&slot->io);
	rv = write_pin (try, pin);
	craton_table_lock ();
	if (rv == CKR_OK && slot->login == (gint) login)
		memcpy (slot->login_wrap, pin->wrap, sizeof pin->wrap);
	craton_table_unlock ();
	pthread_mutex_unlock (&slot->io);
	if (rv == CKR_OK)
		craton_store_scrub (try->store);
	return rv;
}

CK_RV
craton_token_SetPIN (CK_SESSION_HANDLE handle, CK_UTF8CHAR_PTR old_pin, CK_ULONG old_len,
                     CK_UTF8CHAR_PTR new_pin, CK_ULONG new_len)
{
	g_autoptr (CratonSession) session = NULL;
	g_autoptr (CratonStore) store = NULL;
	g_autoptr (CratonSealKey) key = NULL;
	g_auto (Pin) taken = { .len = 0 };
	CratonStorePin pin = { .set = TRUE };
	Try try = { .role = CRATON_PIN_USER };
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (old_pin == NULL || new_pin == NULL)
		return CKR_ARGUMENTS_BAD;
	if ((session->flags & CKF_RW_SESSION) == 0)
		return CKR_SESSION_READ_ONLY;
	rv = craton_slot_look (session->slot, &store);
	if (rv == CKR_OK && store == NULL)
		rv = CKR_DEVICE_REMOVED;
	if (rv == CKR_OK)
		rv = take_new_pin (new_pin, new_len, &taken);
	if (rv != CKR_OK)
		return rv;
	try.slot = session->slot;
	try.store = store;
	craton_table_lock ();
	if (session->slot->login == CRATON_LOGIN_SO)
		try.role = CRATON_PIN_SO;
	memcpy (try.token.epoch, session->slot->token.epoch, sizeof try.token.epoch);
	craton_table_unlock ();

	rv = craton_pin_verify (try.slot, try.role, old_pin, old_len, &key,
	                        try.token.pins[try.role].wrap);
	if (rv == CKR_OK)
		rv = craton_seal_wrap (key, try.token.epoch, try.role, taken.bytes, taken.len,
		                       try.slot->config.pin_cost, pin.wrap);
	return rv == CKR_OK ? change_pin (&try, &pin) : rv;
}
