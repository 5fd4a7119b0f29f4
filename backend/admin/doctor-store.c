/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton doctor, what the tokens need: craton.conf, the folders of the stores, the audit logs. Reads only what says how these are, and no
 * object. Called by doctor.c.
 */
#include "config.h"

#include "doctor.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "audit-state.h"

void
craton_doctor_configuration (CratonDoctor *doctor)
{
	const CratonConfig *config = doctor->config;

	for (guint i = 0; i < doctor->complaints->len; i++)
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG, g_strdup (doctor->complaints->pdata[i]),
		                    g_strdup (_ ("correct the line: see craton.conf(5)")));
	for (guint i = 0; i < config->modules->len; i++) {
		const CratonModuleConfig *module = config->modules->pdata[i];
		g_autofree char *path = *module->path == '/' ? g_strdup (module->path)
		                                             : g_build_filename (P11_MODULE_PATH, module->path, NULL);

		if (access (path, R_OK) != 0)
			craton_doctor_find (doctor, CRATON_DOCTOR_WRONG,
			                    g_strdup_printf (_ ("module %s: %s: %s"), module->name, path, g_strerror (errno)),
			                    g_strdup (_ ("install it, or take its group out of craton.conf")));
	}
	if (doctor->complaints->len == 0)
		craton_doctor_find (doctor, CRATON_DOCTOR_OK,
		                    g_strdup_printf (_ ("tokens: %u, modules: %u"), config->tokens->len, config->modules->len), NULL);
}

/* File systems of other machines, by statfs(2): locks and shared memory of SQLite's log are not to be relied on there. */
static const char *
find_network (const char *path)
{
	static const struct {
		unsigned long type;
		const char *name;
	} networks[] = {
		{ 0x6969, "NFS" },         { 0xff534d42, "SMB" },     { 0xfe534d42, "SMB" },      { 0x517b, "SMB" },
		{ 0x5346414f, "AFS" },     { 0x01021997, "9p" },      { 0x65735546, "FUSE" },     { 0x00c36400, "Ceph" },
	};
	struct statfs info;

	for (gsize i = 0; statfs (path, &info) == 0 && i < G_N_ELEMENTS (networks); i++) {
		if (((unsigned long) info.f_type & 0xffffffff) == networks[i].type)
			return networks[i].name;
	}
	return NULL;
}

static void
check_store (CratonDoctor *doctor, const CratonTokenConfig *token)
{
	const char *path = token->store, *network = find_network (path);
	struct stat info;

	if (lstat (path, &info) != 0 && errno == ENOENT)
		craton_doctor_find (doctor, CRATON_DOCTOR_OK,
		                    g_strdup_printf (_ ("token %s: not initialised yet; it will be in %s"), token->name, path), NULL);
	else if (stat (path, &info) != 0 || access (path, R_OK | W_OK | X_OK) != 0)
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG,
		                    g_strdup_printf (_ ("token %s: %s: %s"), token->name, path, g_strerror (errno)),
		                    g_strdup_printf (_ ("the user who runs the application must own the folder: chown -R USER %s"), path));
	else if (info.st_uid != geteuid ())
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG,
		                    g_strdup_printf (_ ("token %s: %s belongs to user %u"), token->name, path, (unsigned) info.st_uid),
		                    g_strdup_printf (_ ("the user who runs the application must own the folder: chown -R USER %s"), path));
	else if ((info.st_mode & 077) != 0)
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG,
		                    g_strdup_printf (_ ("token %s: others may look into %s (mode %04o)"), token->name, path,
		                                     info.st_mode & 07777),
		                    g_strdup_printf ("chmod 700 %s", path));
	else if (network != NULL)
		craton_doctor_find (doctor, CRATON_DOCTOR_WARNING,
		                    g_strdup_printf (_ ("token %s: %s is on a network file system (%s)"), token->name, path, network),
		                    g_strdup (_ ("put the store on a disk of this machine: locks may not hold over the network")));
	else
		craton_doctor_find (doctor, CRATON_DOCTOR_OK, g_strdup_printf (_ ("token %s: %s"), token->name, path), NULL);
}

void
craton_doctor_stores (CratonDoctor *doctor)
{
	for (guint i = 0; i < doctor->config->tokens->len; i++)
		check_store (doctor, &g_array_index (doctor->config->tokens, CratonTokenConfig, i));
}

static gboolean
is_whole (const char *path)
{
	CratonAuditState *state = craton_audit_state_open (path, FALSE);
	gboolean whole = FALSE;

	if (state == NULL)
		return FALSE;
	if (craton_audit_state_lock (state, FALSE)) {
		whole = craton_audit_state_place (state) != NULL;
		craton_audit_state_unlock (state);
	}
	craton_audit_state_free (state);
	return whole;
}

void
craton_doctor_audit (CratonDoctor *doctor)
{
	for (guint i = 0; i < doctor->config->tokens->len; i++) {
		const CratonTokenConfig *token = &g_array_index (doctor->config->tokens, CratonTokenConfig, i);
		g_autofree char *state = g_build_filename (token->store, CRATON_AUDIT_STATE_NAME, NULL);
		g_autofree char *log = g_build_filename (token->store, CRATON_AUDIT_LOG_NAME, NULL);
		g_autofree char *key = g_build_filename (token->store, CRATON_AUDIT_VERIFY_NAME, NULL);

		if (token->audit == CRATON_AUDIT_OFF)
			craton_doctor_find (doctor, CRATON_DOCTOR_OK, g_strdup_printf (_ ("token %s: off"), token->name), NULL);
		else if (access (state, F_OK) != 0 && access (log, F_OK) != 0)
			craton_doctor_find (doctor, CRATON_DOCTOR_OK, g_strdup_printf (_ ("token %s: no log yet"), token->name), NULL);
		else if (!is_whole (state))
			craton_doctor_find (doctor, CRATON_DOCTOR_WRONG,
			                    g_strdup_printf (_ ("token %s: %s is missing, damaged or not to be read"), token->name, state),
			                    g_strdup_printf ("craton audit verify --token %s", token->name));
		else if (access (key, F_OK) == 0)
			craton_doctor_find (doctor, CRATON_DOCTOR_WARNING,
			                    g_strdup_printf (_ ("token %s: the verification key is still on this machine"), token->name),
			                    g_strdup_printf ("craton audit key --token %s", token->name));
		else
			craton_doctor_find (doctor, CRATON_DOCTOR_OK, g_strdup_printf (_ ("token %s: %s"), token->name, log), NULL);
	}
}
