/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The subcommands of craton. Each is one file NAME.c with one function of this shape; a row in main.c's table makes it known.
 */
#ifndef CRATON_ADMIN_H
#define CRATON_ADMIN_H

#include <glib.h>

/* What the command ends with; everything else is a finding or failure that was printed. */
#define CRATON_ADMIN_GOOD 0
#define CRATON_ADMIN_BAD 1
#define CRATON_ADMIN_USAGE 2

/**
 * A subcommand:
 * @argc, @argv: from the subcommand's name on, NULL at the end; to be read with craton_options_parse()
 *
 * Prints results with g_print() and what is wrong with g_printerr(); both take UTF-8.
 *
 * Returns: one of the three.
 */
typedef int CratonAdminCommand (int argc, char **argv);

CratonAdminCommand craton_admin_audit;
CratonAdminCommand craton_admin_backup;
CratonAdminCommand craton_admin_doctor;
CratonAdminCommand craton_admin_import;
CratonAdminCommand craton_admin_mechanisms;
CratonAdminCommand craton_admin_restore;
CratonAdminCommand craton_admin_tokens;
CratonAdminCommand craton_admin_status;

/* While it is set, lines of GLib's log, complaints about craton.conf among them, are added to it and not printed. */
extern GPtrArray *craton_admin_complaints;

#endif /* CRATON_ADMIN_H */
