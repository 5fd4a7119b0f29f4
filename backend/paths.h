/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the user's files are.
 */
#ifndef CRATON_PATHS_H
#define CRATON_PATHS_H

/**
 * craton_paths_home:
 * @variable: (nullable): names a home of files, as XDG_DATA_HOME does
 * @fallback: (nullable): the folder in the user's home that it is otherwise
 *
 * The user's home is the system's word where the environment has none, or must not be asked in a set-user-id program.
 *
 * Returns: (transfer full) (nullable): @variable if it is an absolute path, else @fallback in the user's home; NULL without a home
 */
char *craton_paths_home (const char *variable, const char *fallback);

/* An absolute path, with ~/ for the user's home; NULL for any other. (transfer full) */
char *craton_paths_expand (const char *path);

#endif /* CRATON_PATHS_H */
