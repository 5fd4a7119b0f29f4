/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The audit log of one token: see audit.h. Makes the lines and decides when they go to the disk; the files are audit-log.c's. A
 * thread of the log's own puts on the disk what was written, so that no caller waits for it, unless craton.conf asks for
 * that. Called by audit-calls.c for every call, and by the administrator's tool.
 */
#include "config.h"

#include "audit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "audit-log.h"
#include "names.h"

#define ID_MAX 64     /* bytes of CKA_ID that a line shows */
#define TEXT_MAX 128  /* of CKA_LABEL, and of a program's path: its end */
#define OBJECT_MAX (6 * TEXT_MAX + 2 * ID_MAX + 64) /* a byte can take six */
#define CLIENT_MAX (6 * TEXT_MAX + 96)

/* A line without its frame: what it is made of is cut to sizes that add up to less. */
#define BODY_MAX CRATON_AUDIT_BODY_MAX

struct CratonAudit {
	char *name;
	CratonAuditSync sync;
	guint64 size;

	GMutex lock; /* guards the rest */
	CratonAuditFiles files;
	int said; /* the errno that the log has heard of */

	GCond wake;
	GThread *syncer; /* NULL while none is needed */
	gboolean dirty;
	gboolean ending;
};

/* ,"pid":N,"uid":N,"program":"PATH": written before there are threads. */
static char client[CLIENT_MAX];

/* A line that grows; what does not fit is left out. */
typedef struct {
	char *to;
	char *end;
} Text;

static void
put (Text *text, const char *bytes, gsize len)
{
	if (len > (gsize) (text->end - text->to))
		len = 0;
	memcpy (text->to, bytes, len);
	text->to += len;
}

#define PUT(text, literal) put (text, literal, sizeof (literal) - 1)

static void
put_text (Text *text, const char *string)
{
	put (text, string, strlen (string));
}

/* How much of @string stands for itself in JSON. */
static gsize
plain_len (const char *string)
{
	gsize len = 0;

	while ((guchar) string[len] >= 0x20 && string[len] != '"' && string[len] != '\\' && string[len] != 0x7f)
		len++;
	return len;
}

/* A string of JSON, with its quotes; @string is UTF-8. */
static void
put_string (Text *text, const char *string)
{
	char escape[8];

	PUT (text, "\"");
	for (;;) {
		gsize len = plain_len (string);

		put (text, string, len);
		string += len;
		if (*string == '\0')
			break;
		if (*string == '"' || *string == '\\')
			put (text, escape, (gsize) sprintf (escape, "\\%c", *string));
		else
			put (text, escape, (gsize) sprintf (escape, "\\u%04x", (guchar) *string));
		string++;
	}
	PUT (text, "\"");
}

void
craton_audit_set_client (pid_t pid, uid_t uid)
{
	g_autofree char *link = g_strdup_printf ("/proc/%ld/exe", (long) pid);
	g_autofree char *comm = g_strdup_printf ("/proc/%ld/comm", (long) pid);
	g_autofree char *program = g_file_read_link (link, NULL);
	g_autofree char *valid = NULL;
	const char *end;
	Text text = { client, client + sizeof client - 1 };
	char number[64];

	/* A program that is not ours to look at still has a name. */
	if (program == NULL && g_file_get_contents (comm, &program, NULL, NULL))
		g_strchomp (program);
	valid = g_utf8_make_valid (program != NULL ? program : "", -1);
	memset (client, 0, sizeof client);
	put (&text, number,
	     (gsize) sprintf (number, ",\"pid\":%ld,\"uid\":%lu,\"program\":", (long) pid, (unsigned long) uid));
	/* Its end, from the beginning of a character on. */
	end = valid + (strlen (valid) > TEXT_MAX ? strlen (valid) - TEXT_MAX : 0);
	while (((guchar) *end & 0xc0) == 0x80)
		end++;
	put_string (&text, end);
}

char *
craton_audit_describe (const char *prefix, const CK_BYTE *id, gsize id_len, const char *label, gsize label_len)
{
	char line[OBJECT_MAX];
	gsize len;
	Text text = { line, line + sizeof line };
	char hex[2 * ID_MAX];
	g_autofree char *valid = g_utf8_make_valid (label, (gssize) MIN (label_len, TEXT_MAX));

	PUT (&text, ",\"");
	put_text (&text, prefix);
	PUT (&text, "id\":\"");
	craton_audit_chain_to_hex (id, MIN (id_len, ID_MAX), hex);
	put (&text, hex, 2 * MIN (id_len, ID_MAX));
	if (id_len > ID_MAX)
		PUT (&text, "...");
	PUT (&text, "\",\"");
	put_text (&text, prefix);
	PUT (&text, "label\":");
	len = MIN (strlen (valid), TEXT_MAX);
	while (((guchar) valid[len] & 0xc0) == 0x80)
		len--;
	valid[len] = '\0';
	put_string (&text, valid);
	return g_strndup (line, (gsize) (text.to - line));
}

/* The time in UTC, to the microsecond. */
static void
put_time (Text *text)
{
	static _Thread_local char second[sizeof "2026-11-24T19:20:46"];
	static _Thread_local time_t second_is = -1;
	struct timespec now;
	struct tm parts;
	char micro[] = { '.', 0, 0, 0, 0, 0, 0, 'Z' };

	(void) clock_gettime (CLOCK_REALTIME, &now);
	if (now.tv_sec != second_is && gmtime_r (&now.tv_sec, &parts) != NULL) {
		(void) strftime (second, sizeof second, "%Y-%m-%dT%H:%M:%S", &parts);
		second_is = now.tv_sec;
	}
	put_text (text, second);
	for (int i = 6; i > 0; i--) {
		now.tv_nsec /= i == 6 ? 1000 : 10;
		micro[i] = (char) ('0' + now.tv_nsec % 10);
	}
	put (text, micro, sizeof micro);
}

static void
put_code (Text *text, CratonNameKind kind, CK_ULONG value)
{
	const char *name = craton_name (kind, value);
	char number[2 + 2 * sizeof value + 1];

	PUT (text, "\"");
	if (name != NULL)
		put_text (text, name);
	else
		put (text, number, (gsize) sprintf (number, "0x%lx", value));
	PUT (text, "\"");
}

static void
put_field (Text *text, const char *name, const char *value)
{
	if (value == NULL)
		return;
	put_text (text, name);
	put_string (text, value);
}

static gsize
make_line (char *line, gpointer data)
{
	const CratonAuditEntry *entry = data;
	Text text = { line, line + BODY_MAX };

	PUT (&text, ",\"time\":\"");
	put_time (&text);
	PUT (&text, "\"");
	put_field (&text, ",\"token\":", entry->token);
	put_text (&text, client);
	put_field (&text, ",\"event\":", entry->event);
	put_field (&text, ",\"function\":", entry->function);
	put_field (&text, ",\"user\":", entry->user);
	if (entry->mechanism != NULL) {
		PUT (&text, ",\"mechanism\":");
		put_code (&text, CRATON_NAME_CKM, *entry->mechanism);
	}
	if (entry->key != NULL)
		put_text (&text, entry->key);
	if (entry->with != NULL)
		put_text (&text, entry->with);
	put_field (&text, ",\"note\":", entry->note);
	if (entry->event == NULL) {
		PUT (&text, ",\"result\":");
		put_code (&text, CRATON_NAME_CKR, entry->result);
	}
	return (gsize) (text.to - line);
}

CratonAudit *
craton_audit_new (const char *name, const char *folder, CratonAuditSync sync, guint64 size)
{
	CratonAudit *audit = g_new0 (CratonAudit, 1);

	audit->name = g_strdup (name);
	audit->files.folder = g_strdup (folder);
	audit->files.fd = -1;
	audit->sync = sync;
	audit->size = size;
	g_mutex_init (&audit->lock);
	g_cond_init (&audit->wake);
	return audit;
}

/* Called with the lock held. Says once what is wrong. */
static CK_RV
failed (CratonAudit *audit, int error)
{
	if (audit->said != error)
		g_warning (_ ("%s: the audit log in %s cannot be written: %s; what has to be recorded is "
		              "refused until it can"),
		           audit->name, audit->files.folder, g_strerror (error));
	audit->said = error;
	return error == ENOSPC || error == EDQUOT || error == EFBIG ? CKR_DEVICE_MEMORY : CKR_DEVICE_ERROR;
}

static void
works_again (CratonAudit *audit)
{
	if (audit->said != 0)
		g_message (_ ("%s: the audit log can be written again"), audit->name);
	audit->said = 0;
}

/* Called with the lock held. */
static int
be_open (CratonAudit *audit)
{
	return audit->files.state != NULL ? 0 : craton_audit_log_open (&audit->files, NULL);
}

/* Puts the log on the disk, a second after something was written to it; the lock is not held meanwhile. */
static gpointer
sync_in_time (gpointer data)
{
	CratonAudit *audit = data;
	int fd;

	g_mutex_lock (&audit->lock);
	while (!audit->ending) {
		gint64 deadline;

		if (!audit->dirty) {
			g_cond_wait (&audit->wake, &audit->lock);
			continue;
		}
		deadline = g_get_monotonic_time () + G_TIME_SPAN_SECOND;
		while (!audit->ending && g_cond_wait_until (&audit->wake, &audit->lock, deadline))
			continue;
		audit->dirty = FALSE;
		/* Another thread may close the log meanwhile. */
		fd = audit->files.fd >= 0 ? dup (audit->files.fd) : -1;
		g_mutex_unlock (&audit->lock);
		if (fd >= 0) {
			(void) fdatasync (fd);
			(void) close (fd);
		}
		g_mutex_lock (&audit->lock);
	}
	g_mutex_unlock (&audit->lock);
	return NULL;
}

/* Called with the lock held, after a line was written: what has to happen before the call returns, or soon. */
static int
see_to_disk (CratonAudit *audit)
{
	if (audit->sync == CRATON_AUDIT_SYNC_EACH)
		return fdatasync (audit->files.fd) == 0 ? 0 : errno;
	if (audit->sync == CRATON_AUDIT_SYNC_NONE || audit->dirty)
		return 0;
	audit->dirty = TRUE;
	if (audit->syncer == NULL)
		audit->syncer = g_thread_try_new ("audit", sync_in_time, audit, NULL);
	if (audit->syncer == NULL) {
		audit->dirty = FALSE;
		return fdatasync (audit->files.fd) == 0 ? 0 : errno;
	}
	g_cond_signal (&audit->wake);
	return 0;
}

void
craton_audit_flush (CratonAudit *audit)
{
	g_mutex_lock (&audit->lock);
	if (audit->dirty && audit->files.fd >= 0)
		(void) fdatasync (audit->files.fd);
	g_mutex_unlock (&audit->lock);
}

void
craton_audit_free (CratonAudit *audit)
{
	if (audit == NULL)
		return;
	craton_audit_flush (audit);
	g_mutex_lock (&audit->lock);
	audit->ending = TRUE;
	g_cond_signal (&audit->wake);
	g_mutex_unlock (&audit->lock);
	if (audit->syncer != NULL)
		(void) g_thread_join (audit->syncer);
	craton_audit_log_close (&audit->files);
	g_mutex_clear (&audit->lock);
	g_cond_clear (&audit->wake);
	g_free (audit->files.folder);
	g_free (audit->name);
	g_free (audit);
}

CK_RV
craton_audit_prepare (CratonAudit *audit)
{
	CK_RV rv = CKR_OK;
	int error;

	g_mutex_lock (&audit->lock);
	error = be_open (audit);
	if (error == 0) {
		error = craton_audit_log_reserve (&audit->files);
		if (error == 0)
			works_again (audit);
	} else if (error == ENOENT && access (audit->files.folder, F_OK) != 0) {
		error = 0;
	}
	if (error != 0)
		rv = failed (audit, error);
	g_mutex_unlock (&audit->lock);
	return rv;
}

/* A file that has become long enough. Where a new one cannot be begun the old one goes on. */
static void
rotate_if_long (CratonAudit *audit)
{
	const CratonAuditPlace *place = audit->size != 0 ? craton_audit_state_place (audit->files.state) : NULL;
	int error;

	if (place == NULL || place->offset < audit->size)
		return;
	error = craton_audit_log_rotate (&audit->files);
	if (error != 0 && audit->said != error)
		g_warning (_ ("%s: no new file can be begun for the audit log in %s: %s"), audit->name,
		           audit->files.folder, g_strerror (error));
	audit->said = error;
}

CK_RV
craton_audit_write (CratonAudit *audit, const CratonAuditEntry *entry)
{
	CratonAuditEntry copy = *entry;
	CK_RV rv = CKR_OK;
	int error;

	g_mutex_lock (&audit->lock);
	error = be_open (audit);
	if (error == 0)
		error = craton_audit_log_lock (&audit->files);
	if (error == 0) {
		rotate_if_long (audit);
		error = craton_audit_log_append (&audit->files, make_line, &copy);
		craton_audit_log_unlock (&audit->files);
	}
	if (error == 0)
		error = see_to_disk (audit);
	if (error != 0)
		rv = failed (audit, error);
	g_mutex_unlock (&audit->lock);
	return rv;
}

CK_RV
craton_audit_rotate (CratonAudit *audit)
{
	CK_RV rv = CKR_OK;
	int error;

	g_mutex_lock (&audit->lock);
	error = be_open (audit);
	if (error == 0)
		error = craton_audit_log_lock (&audit->files);
	if (error == 0) {
		error = craton_audit_log_rotate (&audit->files);
		craton_audit_log_unlock (&audit->files);
	}
	if (error != 0)
		rv = failed (audit, error);
	g_mutex_unlock (&audit->lock);
	return rv;
}

CK_RV
craton_audit_begin (CratonAudit *audit, char **ret_key)
{
	CK_RV rv = CKR_OK;
	int error;

	g_mutex_lock (&audit->lock);
	error = audit->files.state != NULL ? EEXIST : craton_audit_log_open (&audit->files, ret_key);
	if (error == EEXIST)
		rv = CKR_FUNCTION_REJECTED;
	else if (error != 0)
		rv = failed (audit, error);
	g_mutex_unlock (&audit->lock);
	return rv;
}
