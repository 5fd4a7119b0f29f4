/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton import: the objects of another program's token come into one of ours, all of them or none. Reading is done by
 * import-softhsm.c and import-nss.c; here the objects are made by the token's own rules, and written in one change of the store. Run by a
 * person or a script as the user who owns the token.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gi18n-lib.h>

#include "admin.h"
#include "import.h"
#include "names.h"
#include "options.h"
#include "pin.h"
#include "session.h"
#include "shelf.h"
#include "slot.h"
#include "template.h"

#define SOFTOKN "libsoftokn3.so"
#define PROGRESS_STEP 100

typedef struct {
	char *token;
	char *label;
	char *softokn;
	CratonSecretSource pin;       /* of the source */
	CratonSecretSource so_pin;    /* of a SoftHSM token, or of the new token */
	CratonSecretSource token_pin; /* of the token that is there, or of the new one */
	gboolean json;
} Options;

/* What is needed of the user, and comes from him before anything is read. */
typedef struct {
	gboolean fresh; /* the token has to be initialised */
	CratonSecret pin, so_pin;
} Access;

static void
access_clear (Access *access)
{
	craton_secret_clear (&access->pin);
	craton_secret_clear (&access->so_pin);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Access, access_clear)

static void
free_object (gpointer data)
{
	craton_object_unref (data);
}

static gboolean
is_pin (const CratonSecret *pin)
{
	if (pin->len >= CRATON_PIN_LEN_MIN && pin->len <= CRATON_PIN_LEN_MAX &&
	    g_utf8_validate_len (pin->text, pin->len, NULL))
		return TRUE;
	g_printerr (_ ("%s: a PIN of the new token has %d to %d bytes of UTF-8\n"), g_get_prgname (),
	            CRATON_PIN_LEN_MIN, CRATON_PIN_LEN_MAX);
	return FALSE;
}

static gboolean
read_softhsm (const Options *options, const char *path, Access *access, CratonImport *import)
{
	g_auto (CratonSecret) pin = { 0 };

	if (!craton_secret_get (&options->pin, _ ("User PIN of the SoftHSM token"), FALSE, &pin))
		return FALSE;
	if (access->fresh) {
		if (!craton_secret_get (&options->so_pin, _ ("SO PIN of the SoftHSM token"), FALSE, &access->so_pin))
			return FALSE;
		access->pin = pin;
	} else if (!craton_secret_get (&options->token_pin, _ ("User PIN of the Craton token"), FALSE,
	                               &access->pin)) {
		return FALSE;
	}
	return craton_import_softhsm (path, options->label, &pin, access->fresh ? &access->so_pin : NULL, import);
}

static gboolean
read_nss (const Options *options, const char *path, Access *access, CratonImport *import)
{
	if (!craton_import_nss (path, options->softokn != NULL ? options->softokn : SOFTOKN, &options->pin,
	                        import))
		return FALSE;
	if (!craton_secret_get (&options->token_pin, _ ("User PIN of the Craton token"), access->fresh,
	                        &access->pin))
		return FALSE;
	return !access->fresh || craton_secret_get (&options->so_pin, _ ("SO PIN of the new Craton token"), TRUE,
	                                            &access->so_pin);
}

static const struct {
	const char *name;
	gboolean (*read) (const Options *options, const char *path, Access *access, CratonImport *import);
} sources[] = {
	{ "nss", read_nss },
	{ "softhsm", read_softhsm },
};

static void
show_progress (guint done, guint all)
{
	if (isatty (STDERR_FILENO) && all > PROGRESS_STEP && (done % PROGRESS_STEP == 0 || done == all))
		g_printerr (done < all ? "\r%u/%u" : "\r%u/%u\n", done, all);
}

/* Makes objects of what was read; nothing is written yet. */
static gboolean
make_objects (const CratonImport *import, GPtrArray *made)
{
	for (guint i = 0; i < import->objects->len; i++) {
		const CratonImportObject *from = g_ptr_array_index (import->objects, i);
		CratonPlan plan = { .way = CRATON_WAY_IMPORT,
			            .by_so = TRUE,
			            .template = (const CK_ATTRIBUTE *) (gpointer) from->attrs->data,
			            .n_attrs = from->attrs->len };
		CratonObject *object = NULL;
		CK_RV rv = craton_template_make (&plan, &object);

		if (rv != CKR_OK) {
			craton_options_complain (from->name, rv);
			return FALSE;
		}
		g_ptr_array_add (made, object);
		show_progress (i + 1, import->objects->len);
	}
	return TRUE;
}

static CK_UTF8CHAR_PTR
text_of (const CratonSecret *secret)
{
	return (CK_UTF8CHAR_PTR) (gpointer) secret->text;
}

/* A new token with both PINs. */
static CK_RV
set_up (const Access *access, const CratonImport *import)
{
	CK_FUNCTION_LIST_3_2 *p11 = craton_token_function_list ();
	CK_SESSION_HANDLE session;
	CK_UTF8CHAR label[CRATON_STORE_LABEL_LEN];
	CK_RV rv;

	memcpy (label, import->label, sizeof label);
	rv = p11->C_InitToken (0, text_of (&access->so_pin), access->so_pin.len, label);
	if (rv == CKR_OK)
		rv = p11->C_OpenSession (0, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session);
	if (rv != CKR_OK)
		return rv;
	rv = p11->C_Login (session, CKU_SO, text_of (&access->so_pin), access->so_pin.len);
	if (rv == CKR_OK)
		rv = p11->C_InitPIN (session, text_of (&access->pin), access->pin.len);
	(void) p11->C_CloseSession (session);
	return rv;
}

static CK_RV
put (const Access *access, GPtrArray *objects)
{
	CK_FUNCTION_LIST_3_2 *p11 = craton_token_function_list ();
	g_autofree CK_OBJECT_HANDLE *handles = g_new0 (CK_OBJECT_HANDLE, objects->len + 1);
	g_autoptr (CratonSession) session = NULL;
	CK_SESSION_HANDLE handle;
	CK_RV rv = p11->C_OpenSession (0, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &handle);

	if (rv == CKR_OK)
		rv = p11->C_Login (handle, CKU_USER, text_of (&access->pin), access->pin.len);
	if (rv == CKR_OK)
		rv = craton_session_acquire (handle, &session);
	if (rv == CKR_OK && objects->len > 0)
		rv = craton_shelf_put (session, (CratonObject *const *) objects->pdata, objects->len, handles);
	return rv;
}

static void
print_lines (const GPtrArray *lines)
{
	for (guint i = 0; i < lines->len; i++)
		g_printerr ("%s: %s\n", g_get_prgname (), (const char *) g_ptr_array_index (lines, i));
}

static void
print_result (const Options *options, const CratonTokenConfig *token, const CratonImport *import)
{
	g_autofree char *name = craton_options_quote (token->name);

	if (!options->json) {
		g_print (_ ("%u objects imported into token %s, %u left out\n"), import->objects->len, token->name,
		         import->left_out->len);
		return;
	}
	g_print ("{\"token\":%s,\"imported\":%u,\"left_out\":[", name, import->objects->len);
	for (guint i = 0; i < import->left_out->len; i++) {
		g_autofree char *line = craton_options_quote (g_ptr_array_index (import->left_out, i));

		g_print ("%s%s", i > 0 ? "," : "", line);
	}
	g_print ("]}\n");
}

static gboolean
write_all (const CratonTokenConfig *token, const Access *access, const CratonImport *import)
{
	g_autoptr (GPtrArray) made = g_ptr_array_new_with_free_func (free_object);
	g_autofree char *note = NULL;
	CK_RV rv;

	if (access->fresh && (!is_pin (&access->so_pin) || !is_pin (&access->pin)))
		return FALSE;
	if (!make_objects (import, made))
		return FALSE;
	rv = access->fresh ? set_up (access, import) : CKR_OK;
	if (rv != CKR_OK) {
		craton_options_complain (_ ("the token cannot be set up"), rv);
		return FALSE;
	}
	rv = put (access, made);
	if (rv == CKR_PIN_INCORRECT)
		g_printerr (_ ("%s: the user PIN of token %s is wrong\n"), g_get_prgname (), token->name);
	else if (rv != CKR_OK)
		craton_options_complain (_ ("nothing was imported"), rv);
	note = g_strdup_printf ("%u objects", made->len);
	return rv == CKR_OK && craton_options_record (token, import->label, "import", note);
}

static int
import_from (const Options *options, const char *source, const char *path)
{
	g_autoptr (CratonConfig) config = craton_config_load (SYSCONFDIR, NULL);
	const CratonTokenConfig *token = craton_options_token (config, options->token);
	g_autoptr (CratonStore) store = NULL;
	g_auto (CratonImport) import = { 0 };
	g_auto (Access) access = { 0 };
	gboolean good = FALSE;
	CratonSlot *slot;
	CK_RV rv;

	if (token == NULL || !craton_options_open (token, &slot))
		return CRATON_ADMIN_BAD;
	rv = craton_slot_look (slot, &store);
	if (rv != CKR_OK) {
		craton_options_complain (_ ("the token cannot be opened"), rv);
		return CRATON_ADMIN_BAD;
	}
	access.fresh = store == NULL;
	craton_import_init (&import);
	for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
		if (g_str_equal (sources[i].name, source))
			good = sources[i].read (options, path, &access, &import);
	if (!good || !write_all (token, &access, &import))
		return CRATON_ADMIN_BAD;
	print_lines (import.notes);
	print_lines (import.left_out);
	print_result (options, token, &import);
	return import.left_out->len == 0 ? CRATON_ADMIN_GOOD : CRATON_ADMIN_BAD;
}

static gboolean
is_source (const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
		if (g_str_equal (sources[i].name, name))
			return TRUE;
	g_printerr (_ ("%s: \"%s\" is neither \"nss\" nor \"softhsm\"\n"), g_get_prgname (), name);
	return FALSE;
}

int
craton_admin_import (int argc, char **argv)
{
	Options options = { .pin = CRATON_SECRET_SOURCE,
		            .so_pin = CRATON_SECRET_SOURCE,
		            .token_pin = CRATON_SECRET_SOURCE };
	const GOptionEntry entries[] = {
		{ "token", 't', 0, G_OPTION_ARG_STRING, &options.token,
		  N_ ("The token [token NAME] of craton.conf"), N_ ("NAME") },
		{ "label", 0, 0, G_OPTION_ARG_STRING, &options.label,
		  N_ ("Of several SoftHSM tokens the one with this label"), N_ ("LABEL") },
		{ "softokn", 0, 0, G_OPTION_ARG_FILENAME, &options.softokn, N_ ("NSS's libsoftokn3.so"),
		  N_ ("FILE") },
		CRATON_SECRET_OPTIONS ("pin", options.pin,
		                       N_ ("Read the user PIN there, or the password, from the first line of FILE")),
		CRATON_SECRET_OPTIONS ("so-pin", options.so_pin,
		                       N_ ("Read the SO PIN, for a token that is not initialised yet, from FILE")),
		CRATON_SECRET_OPTIONS ("token-pin", options.token_pin,
		                       N_ ("Read the user PIN of the Craton token from FILE")),
		{ "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON"), NULL },
		{ NULL },
	};
	int status = CRATON_ADMIN_USAGE;

	if (craton_options_parse (entries, N_ ("softhsm|nss PATH"),
	                          _ ("Brings in the objects of a SoftHSM token or an NSS database, all or none."), 2,
	                          &argc, &argv) &&
	    craton_options_need (argc, 2) && is_source (argv[1]))
		status = import_from (&options, argv[1], argv[2]);
	g_free (options.token);
	g_free (options.label);
	g_free (options.softokn);
	g_free (options.pin.file);
	g_free (options.so_pin.file);
	g_free (options.token_pin.file);
	return status;
}
