/* SPDX-License-Identifier: Apache-2.0 */
/* config.h - what the operator decided, read once and never changed after.
 *
 * The settings are the table settings.def; here each is a member: config->http.max_connections. A file is read as a whole: either every
 * setting in it is right, or there is no config and each thing that is wrong is one line "file:line: key: what is allowed".
 * A setting that is not in the file has its default.
 *
 * Ownership: config_free() for what config_load() gave. Threads: immutable after loading; any.
 */
#ifndef RTALP_DAEMON_CONFIG_H
#define RTALP_DAEMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/macro.h"

struct string_list {
	char **items; /* a NULL follows the last one; NULL itself when there are none */
	size_t count;
};

struct config {
#define GROUP(name, help)                                   struct {
#define END(name)                                           } name;
#define INT(group, name, standard, min, max, reload, help)  int64_t name;
#define INT_OR_0(group, name, standard, min, max, reload, help) int64_t name;
#define STRING(group, name, standard, check, reload, help)  char *name;
#define STRINGS(group, name, standard, check, reload, help) struct string_list name;
#define CHOICE(group, name, standard, words, reload, help)  int name;
#include "daemon/settings.def"
#undef GROUP
#undef END
#undef INT
#undef INT_OR_0
#undef STRING
#undef STRINGS
#undef CHOICE
};

struct config_errors {
	char **lines;
	size_t count;
};
void config_errors_release(struct config_errors *errors); /* accepts a zeroed one */

/* Reads and checks the file; NULL gives the defaults. -EINVAL: something in it is wrong; another negative errno: it cannot be read. Then
 * *errors, zeroed by the caller, has at least one line, and *ret_config is untouched. */
int config_load(const char *path, struct config **ret_config, struct config_errors *errors) _must_check_;
struct config *config_free(struct config *config); /* accepts NULL, returns NULL */
DEFINE_POINTER_CLEANUP(struct config, config_free, config_freep)

/* Tells each setting whose value differs, by its path such as "http.listen", and whether a running daemon can take it over. Returns how many differ. */
typedef void (*config_diff_fn)(const char *path, bool reloadable, void *arg);
size_t config_diff(const struct config *old, const struct config *new, config_diff_fn fn, void *arg);
/* For a reload: gives `fresh` the running values of all settings that need a restart, so that it says what is in force. */
void config_hold_fixed(struct config *fresh, const struct config *running);

/* Writes etc/rtalpd.conf: every setting with its help, its range and its default. */
void config_print_example(FILE *out);

#endif
