/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The text of craton.conf; for config.c.
 */
#ifndef CRATON_CONFIG_TEXT_H
#define CRATON_CONFIG_TEXT_H

#include <glib.h>

/* Where @key, or with NULL the group itself, stands in @text: the last such line that GKeyFile took; from 1, 0 for nowhere. */
guint craton_config_line (const char *text, const char *group, const char *key);

/* (transfer full): The whole of @fd, with a NUL behind it; NULL with errno, EFBIG if it is too long for a configuration. */
char *craton_config_read (int fd, gsize *ret_len);

/* (transfer full): A group's name without superfluous blanks: "token  a" and "token a" are one. */
char *craton_config_tidy (const char *name);

#endif /* CRATON_CONFIG_TEXT_H */
