/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CRATON_TRACE: see trace.h. Names and types come from the tables of PKCS#11, what an argument is from the signature in calls.def. Runs
 * inside the host, in forked children and in those that share its memory: nothing is kept but whether it is on, and a line is made
 * on the stack. Called by call.c.
 */
#include "config.h"

#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control.h"
#include "craton.h"
#include "fork.h"
#include "kinds.h"
#include "log.h"
#include "sizes.h"

/* At the end of a line for the result, if the arguments fill it. */
#define RESULT_ROOM 256

_Atomic int craton_trace_state;
static _Atomic bool told; /* that the file cannot be written */

/* A copy: hosts write over their environment to change their title. */
static char pattern[PATH_MAX];

/* One C parameter of a function. */
typedef struct {
	char function[CRATON_TRACE_NAME], name[CRATON_TRACE_NAME], type[CRATON_TRACE_NAME];
} Param;

#define PARAM(function, name, type) { #function, #name, #type },
#define FIELD(structure, name, type)
static const Param params[] = {
#include "trace.inc"
};
#undef PARAM
#define PARAM(function, name, type) \
	_Static_assert (sizeof #function <= CRATON_TRACE_NAME && sizeof #name <= CRATON_TRACE_NAME && sizeof #type <= CRATON_TRACE_NAME, #function);
#include "trace.inc"
#define N_PARAMS (sizeof params / sizeof params[0])

/* The arguments of one kind. */
typedef struct {
	const Param *param; /* the first; those of a function stand side by side */
	const CK_ULONG *args;
	CK_RV rv;           /* after the call */
} Piece;

typedef struct {
	void (*before) (CratonTraceText *text, const Piece *piece);
	void (*after) (CratonTraceText *text, const Piece *piece); /* NULL: gives nothing back */
} Kind;

static const void *
pointer (CK_ULONG arg)
{
	return (const void *) (uintptr_t) arg;
}

static const CK_ULONG *
number_at (CK_ULONG arg)
{
	return (const CK_ULONG *) (uintptr_t) arg;
}

static void
put_name (CratonTraceText *text, const Piece *piece)
{
	craton_trace_put (text, "%s=", piece->param->name);
}

static void
number_before (CratonTraceText *text, const Piece *piece)
{
	put_name (text, piece);
	craton_trace_put_value (text, piece->param->type, piece->param->function, piece->args[0]);
}

static void
pointer_before (CratonTraceText *text, const Piece *piece)
{
	put_name (text, piece);
	craton_trace_put (text, "%s", piece->args[0] != 0 ? "..." : "NULL");
}

static void
bytes_before (CratonTraceText *text, const Piece *piece)
{
	put_name (text, piece);
	craton_trace_put_len (text, pointer (piece->args[0]), piece->args[1]);
}

static void
label_before (CratonTraceText *text, const Piece *piece)
{
	const char *label = pointer (piece->args[0]);
	size_t len = 32;

	put_name (text, piece);
	while (label != NULL && len > 0 && label[len - 1] == ' ')
		len--;
	if (label != NULL)
		craton_trace_put_string (text, label, len);
	else
		craton_trace_put (text, "NULL");
}

static void
string_before (CratonTraceText *text, const Piece *piece)
{
	const char *string = pointer (piece->args[0]);

	put_name (text, piece);
	if (string != NULL)
		craton_trace_put_string (text, string, strlen (string));
	else
		craton_trace_put (text, "NULL");
}

/* Bytes out, and lists, with a pointer to how many. */
static void
room_before (CratonTraceText *text, const Piece *piece)
{
	const CK_ULONG *room = number_at (piece->args[1]);

	put_name (text, piece);
	if (room == NULL)
		craton_trace_put (text, "NULL");
	else if (piece->args[0] == 0)
		craton_trace_put (text, "NULL, how many?");
	else
		craton_trace_put (text, "[room %lu]", *room);
}

static void
out_after (CratonTraceText *text, const Piece *piece)
{
	const CK_ULONG *len = number_at (piece->args[1]);

	if (len == NULL || (piece->rv != CKR_OK && piece->rv != CKR_BUFFER_TOO_SMALL))
		return;
	put_name (text, piece);
	craton_trace_put (text, "[%lu byte%s]", *len, *len != 1 ? "s" : "");
}

static void
put_list (CratonTraceText *text, const Piece *piece, CK_ULONG n)
{
	char type[64];
	size_t len = strlen (piece->param->type) - strlen ("_PTR");
	const CK_ULONG *list = number_at (piece->args[0]);

	if (len >= sizeof type)
		len = sizeof type - 1;
	memcpy (type, piece->param->type, len);
	type[len] = '\0';
	craton_trace_put (text, " {");
	for (CK_ULONG i = 0; i < n && !craton_trace_is_cut (text); i++) {
		craton_trace_put (text, "%s", i > 0 ? ", " : "");
		craton_trace_put_value (text, type, piece->param->function, list[i]);
	}
	craton_trace_put (text, "}");
}

static void
list_after (CratonTraceText *text, const Piece *piece)
{
	const CK_ULONG *n = number_at (piece->args[1]);

	if (n == NULL || (piece->rv != CKR_OK && piece->rv != CKR_BUFFER_TOO_SMALL))
		return;
	put_name (text, piece);
	craton_trace_put (text, "%lu", *n);
	if (piece->rv == CKR_OK && piece->args[0] != 0)
		put_list (text, piece, *n);
}

static void
fill_before (CratonTraceText *text, const Piece *piece)
{
	put_name (text, piece);
	craton_trace_put (text, "[room %lu]", piece->args[1]);
}

static void
found_after (CratonTraceText *text, const Piece *piece)
{
	const CK_ULONG *n = number_at (piece->args[2]);

	if (n == NULL || piece->args[0] == 0 || piece->rv != CKR_OK || *n > piece->args[1])
		return;
	put_name (text, piece);
	craton_trace_put (text, "%lu", *n);
	put_list (text, piece, *n);
}

static void
put_mechanism (CratonTraceText *text, const Piece *piece, CratonParamRole role)
{
	put_name (text, piece);
	craton_trace_put_mechanism (text, pointer (piece->args[0]), role);
}

static void
mechanism_before (CratonTraceText *text, const Piece *piece)
{
	put_mechanism (text, piece, CRATON_PARAM_NORMAL);
}

static void
message_mechanism_before (CratonTraceText *text, const Piece *piece)
{
	put_mechanism (text, piece, CRATON_PARAM_MESSAGE);
}

static void
wrap_mechanism_before (CratonTraceText *text, const Piece *piece)
{
	put_mechanism (text, piece, CRATON_PARAM_WRAP);
}

static void
message_before (CratonTraceText *text, const Piece *piece)
{
	const CratonLayout *layout = craton_mechs_message_layout (piece->args[1]);
	const void *param = pointer (piece->args[0]);

	put_name (text, piece);
	if (param != NULL && layout != NULL)
		craton_trace_put_structure (text, layout->name, param);
	else
		craton_trace_put_len (text, param, piece->args[1]);
}

static void
template_before (CratonTraceText *text, const Piece *piece)
{
	put_name (text, piece);
	craton_trace_put_template (text, pointer (piece->args[0]), piece->args[1], false);
}

static void
query_before (CratonTraceText *text, const Piece *piece)
{
	put_name (text, piece);
	craton_trace_put_template (text, pointer (piece->args[0]), piece->args[1], true);
}

/* PKCS#11 3.2, C_GetAttributeValue: these three leave the template with what there is. */
static void
query_after (CratonTraceText *text, const Piece *piece)
{
	if (piece->rv == CKR_OK || piece->rv == CKR_ATTRIBUTE_SENSITIVE || piece->rv == CKR_ATTRIBUTE_TYPE_INVALID ||
	    piece->rv == CKR_BUFFER_TOO_SMALL)
		template_before (text, piece);
}

/* What is filled in has no value before. */
static void
nothing_before (CratonTraceText *text, const Piece *piece)
{
	if (piece->args[0] == 0)
		pointer_before (text, piece);
}

static void
number_after (CratonTraceText *text, const Piece *piece)
{
	const CK_ULONG *number = number_at (piece->args[0]);

	if (number == NULL || piece->rv != CKR_OK)
		return;
	put_name (text, piece);
	craton_trace_put (text, "%lu", *number);
}

static void
structure_after (CratonTraceText *text, const Piece *piece)
{
	char name[64];
	size_t len = strlen (piece->param->type) - strlen ("_PTR");

	if (piece->args[0] == 0 || piece->rv != CKR_OK || len >= sizeof name)
		return;
	memcpy (name, piece->param->type, len);
	name[len] = '\0';
	put_name (text, piece);
	craton_trace_put_structure (text, name, pointer (piece->args[0]));
}

/* Of the pointers that do not travel one is filled: C_GetInfo's. */
static void
info_after (CratonTraceText *text, const Piece *piece)
{
	if (strcmp (piece->param->type, "CK_INFO_PTR") == 0)
		structure_after (text, piece);
}

static const Kind kinds[128] = {
	['s'] = { number_before, NULL },
	['t'] = { number_before, NULL },
	['u'] = { number_before, NULL },
	['b'] = { number_before, NULL },
	['x'] = { pointer_before, info_after },
	['i'] = { bytes_before, NULL },
	['p'] = { bytes_before, NULL },
	['l'] = { label_before, NULL },
	['z'] = { string_before, NULL },
	['o'] = { room_before, out_after },
	['r'] = { room_before, out_after },
	['n'] = { fill_before, NULL },
	['M'] = { mechanism_before, NULL },
	['m'] = { message_mechanism_before, NULL },
	['w'] = { wrap_mechanism_before, NULL },
	['P'] = { message_before, NULL },
	['A'] = { template_before, NULL },
	['G'] = { query_before, query_after },
	['U'] = { nothing_before, number_after },
	['1'] = { nothing_before, structure_after },
	['2'] = { nothing_before, structure_after },
	['3'] = { nothing_before, structure_after },
	['4'] = { nothing_before, structure_after },
	['L'] = { room_before, list_after },
	['F'] = { fill_before, found_after },
	['D'] = { nothing_before, structure_after },
};

static const Param *
find_params (const char *function)
{
	for (size_t i = 0; i < N_PARAMS; i++) {
		if (strcmp (params[i].function, function) == 0)
			return &params[i];
	}
	return NULL;
}

/* Separators are put before it is known whether anything follows, and taken back. */
static void
put_pieces (CratonTraceText *text, CratonCallId call, const CK_ULONG *args, const CK_RV *rv)
{
	Piece piece = { find_params (craton_calls[call].name), args, rv != NULL ? *rv : CKR_OK };
	size_t first = text->len;

	for (const char *letter = craton_calls[call].signature; *letter != '\0'; letter++) {
		const Kind *kind = &kinds[(unsigned char) *letter];
		size_t n = strlen (craton_kind (*letter)->args);
		size_t start = text->len, filled;

		if (start != first)
			craton_trace_put (text, ", ");
		filled = text->len;
		if (rv == NULL)
			kind->before (text, &piece);
		else if (kind->after != NULL)
			kind->after (text, &piece);
		if (text->len == filled)
			text->len = start;
		piece.args += n;
		piece.param += n;
	}
}

/* Without localtime () and its kin, which take a lock that a fork may have left held. */
static void
put_time (CratonTraceText *text)
{
	static const int days_before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	struct timespec now = { 0 };
	long day, year = 1970, leap;
	int month = 11;

	(void) clock_gettime (CLOCK_REALTIME, &now);
	day = now.tv_sec / 86400;
	for (;; year++) {
		leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
		if (day < 365 + leap)
			break;
		day -= 365 + leap;
	}
	while (day < days_before[month] + (month > 1 ? leap : 0))
		month--;
	day -= days_before[month] + (month > 1 ? leap : 0);
	craton_trace_put (text, "%04ld-%02d-%02ldT%02ld:%02ld:%02ld.%06ldZ", year, month + 1, day + 1, now.tv_sec / 3600 % 24,
	                  now.tv_sec / 60 % 60, now.tv_sec % 60, now.tv_nsec / 1000);
}

bool
craton_trace_look (void)
{
	const char *path = secure_getenv ("CRATON_TRACE");
	int state = CRATON_TRACE_UNKNOWN;
	size_t len = path != NULL ? strlen (path) : 0;

	/* Not a byte is written in a child that shares its parent's memory. */
	if (craton_fork_state (craton_fork_mark ()) == CRATON_FORK_SHARED ||
	    !atomic_compare_exchange_strong (&craton_trace_state, &state, CRATON_TRACE_LOOKING))
		return false;
	if (len > 0 && len < sizeof pattern)
		memcpy (pattern, path, len + 1);
	atomic_store (&craton_trace_state, len > 0 ? CRATON_TRACE_ON : CRATON_TRACE_OFF);
	return len > 0;
}

void
craton_trace_begin (CratonTrace *trace, CratonCallId call, const CK_ULONG *args)
{
	trace->text = (CratonTraceText) { trace->line, sizeof trace->line - RESULT_ROOM, 0 };
	put_time (&trace->text);
	craton_trace_put (&trace->text, " %d %d %s (", (int) getpid (), (int) gettid (), craton_calls[call].name);
	put_pieces (&trace->text, call, args, NULL);
	craton_trace_put (&trace->text, ")");
	(void) clock_gettime (CLOCK_MONOTONIC, &trace->begun);
}

/* %p in the name is the process's number, so that each has a file of its own. */
static bool
make_path (char path[PATH_MAX])
{
	CratonTraceText text = { path, PATH_MAX, 0 };

	for (const char *from = pattern; *from != '\0'; from++) {
		if (from[0] == '%' && from[1] == 'p') {
			craton_trace_put (&text, "%d", (int) getpid ());
			from++;
		} else {
			craton_trace_put (&text, "%c", *from);
		}
	}
	return text.len > 0 && !craton_trace_is_cut (&text);
}

/* Into a file of the user's own only: another user may have put one where this one is to be. */
static int
write_line (const char *path, const char *line, size_t len)
{
	int fd = craton_fd_guard (
		open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, 0600));
	struct stat st;
	int error = 0;

	if (fd < 0)
		return errno;
	if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode) || st.st_uid != geteuid ())
		error = EACCES;
	else if (write (fd, line, len) != (ssize_t) len)
		error = errno != 0 ? errno : ENOSPC;
	(void) close (fd);
	return error;
}

static void
tell (const char *path, int error)
{
	if (craton_fork_state (craton_fork_mark ()) != CRATON_FORK_SHARED && !atomic_exchange (&told, true))
		craton_log ("craton: CRATON_TRACE: %s cannot be written: %s; calls are not traced", path, strerror (error));
}

void
craton_trace_end (CratonTrace *trace, CratonCallId call, const CK_ULONG *args, CK_RV rv)
{
	char path[PATH_MAX];
	CratonTraceText *text = &trace->text;
	struct timespec now;
	long long us;
	size_t before;
	int error;

	(void) clock_gettime (CLOCK_MONOTONIC, &now);
	us = (now.tv_sec - trace->begun.tv_sec) * 1000000LL + (now.tv_nsec - trace->begun.tv_nsec) / 1000;
	text->max = sizeof trace->line - RESULT_ROOM / 2;
	craton_trace_put (text, "%s = ", text->len + RESULT_ROOM + 1 >= sizeof trace->line ? "... )" : "");
	craton_trace_put_value (text, "CK_RV", "", rv);
	craton_trace_put (text, " %lld us", us);
	before = text->len;
	craton_trace_put (text, " -> ");
	put_pieces (text, call, args, &rv);
	if (text->len == before + strlen (" -> "))
		text->len = before;
	text->max = sizeof trace->line;
	craton_trace_put (text, "%s\n", text->len + RESULT_ROOM / 2 + 1 >= sizeof trace->line ? "..." : "");
	errno = 0;
	error = make_path (path) ? write_line (path, trace->line, text->len) : ENAMETOOLONG;
	if (error != 0)
		tell (error != ENAMETOOLONG ? path : "the file", error);
}
