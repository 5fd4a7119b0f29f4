/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton.conf as the backend sees it: tokens and modules that passed every check. (The header of config.c; config.h is the
 * build's.)
 */
#ifndef CRATON_CONFIGURATION_H
#define CRATON_CONFIGURATION_H

#include <glib.h>

#include "pkcs11.h"
#include "rules.h"
#include "token.h"

/* scrypt's cost where craton.conf says none: 64 MiB for each login. */
#define CRATON_PIN_COST 14
#define CRATON_PIN_COST_MIN 14
#define CRATON_PIN_COST_MAX 20

/* Seconds that a call may take where craton.conf says nothing: no operation takes that long, a key pair of a slow card included. */
#define CRATON_CALL_TIMEOUT 600
#define CRATON_CALL_TIMEOUT_MAX 86400
/* MiB of one file of the audit log. */
#define CRATON_AUDIT_SIZE 64
#define CRATON_AUDIT_SIZE_MIN 1
#define CRATON_AUDIT_SIZE_MAX 4096

/* A module to host. */
typedef struct {
	char *name;
	char *path;               /* absolute, or a bare file name: p11-kit's folder of modules */
	char **environment;       /* VAR=VALUE, NULL-terminated; or NULL */
	char *init_reserved;      /* pReserved of C_Initialize's argument; or NULL */
	CK_MECHANISM_TYPE *flat;  /* mechanisms whose parameter is plain bytes */
	gsize n_flat;             /* at most CRATON_FLAT_MAX */
	CratonRules *rules;
	guint call_timeout;       /* seconds that a call may take, 0 for no limit */
	CratonTokenConfig log;    /* its audit log: name, store (its folder) and audit... are used */
} CratonModuleConfig;

typedef struct {
	CratonSandboxMode sandbox;
	GArray *tokens;     /* of CratonTokenConfig */
	GPtrArray *token_rules; /* of CratonRules, one for each token */
	GPtrArray *modules; /* of CratonModuleConfig, fewer than CRATON_CHANNELS_MAX */
} CratonConfig;

/**
 * craton_config_load:
 * @sysconfdir: where craton/craton.conf and craton/conf.d/ are, SYSCONFDIR
 * @only_module: (nullable): read nothing but this module, and leave out the log lines, which the first backend has written
 *
 * Reads @sysconfdir/craton/craton.conf, @sysconfdir/craton/conf.d/ (names that end in .conf, sorted) and the user's
 * craton/craton.conf in $XDG_CONFIG_HOME; or in place of all the file that CRATON_CONFIG names. A later file overrides single keys.
 * What cannot be used is one line in the log with file, line and key; the token or module that it belongs to is left out.
 *
 * Returns: (transfer full): never NULL
 * Source: docs/man, craton.conf(5)
 */
CratonConfig *craton_config_load (const char *sysconfdir, const char *only_module);

void craton_config_free (CratonConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonConfig, craton_config_free)

#endif /* CRATON_CONFIGURATION_H */
