/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See fork-probes.h.
 */
#include "config.h"

#include "fork-probes.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fork-common.h"

static int
look_at_descriptors (void)
{
	DIR *folder = opendir ("/proc/self/fd");
	struct dirent *entry;
	int n_found = 0;

	check (folder != NULL);
	while ((entry = readdir (folder)) != NULL) {
		int fd = atoi (entry->d_name);
		char link[64], target[256] = "";

		if (entry->d_name[0] == '.' || fd <= STDERR_FILENO || fd == dirfd (folder))
			continue;
		(void) snprintf (link, sizeof (link), "/proc/self/fd/%d", fd);
		(void) !readlink (link, target, sizeof (target) - 1);
		fprintf (stderr, "inherited: descriptor %d, %s\n", fd, target);
		n_found++;
	}
	(void) closedir (folder);
	return n_found == 0 ? 0 : 1;
}

int
run_probe (int argc, char **argv)
{
	if (argc != 3)
		return 2;
	rig.column = argv[1];
	rig.case_id = "probe";
	rig.via_p11_kit = strstr (argv[1], "p11-kit") != NULL;
	(void) snprintf (rig.module, sizeof (rig.module), "%s", argv[2]);
	if (strcmp (argv[0], "descriptors") == 0)
		return look_at_descriptors ();
	if (strcmp (argv[0], "make-token") == 0) {
		make_token ();
		return 0;
	}
	if (strcmp (argv[0], "fresh") != 0)
		return 2;
	load_module ();
	start_anew ();
	finalize ();
	return 0;
}

char **
probe_arguments (const char *name)
{
	static char option[] = "--probe", copy[32], column[32];
	static char *arguments[6];

	(void) snprintf (copy, sizeof (copy), "%s", name);
	(void) snprintf (column, sizeof (column), "%s", rig.column);
	arguments[0] = rig.self;
	arguments[1] = option;
	arguments[2] = copy;
	arguments[3] = column;
	arguments[4] = rig.module;
	return arguments;
}

const char *
probe_command (const char *name)
{
	static char command[512];

	(void) snprintf (command, sizeof (command), "%s --probe %s %s %s", rig.self, name,
	                 rig.column, rig.module);
	return command;
}
