/* SPDX-License-Identifier: Apache-2.0 */
/* setting.h - the rows of settings.def as data, and what can be done with one setting's value. For config*.c only.
 *
 * Ownership: a value is owned by the struct config it lies in. Threads: any.
 */
#ifndef RTALP_DAEMON_SETTING_H
#define RTALP_DAEMON_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"
#include "daemon/setting_check.h"

enum setting_type { SETTING_INT, SETTING_STRING, SETTING_STRINGS, SETTING_CHOICE };

struct setting {
	const char *path; /* "http.listen" */
	const char *group;
	const char *name;
	enum setting_type type;
	size_t offset;        /* of the value in struct config */
	const char *standard; /* default of all but numbers */
	int64_t standard_int, min, max;
	bool or_zero; /* 0 is allowed besides */
	setting_check_fn check;
	const struct setting_choice *choices;
	bool reloadable;
	const char *help;
};

struct setting_group {
	const char *name;
	const char *help;
};

extern const struct setting settings[];
extern const size_t settings_count;
extern const struct setting_group setting_groups[];
extern const size_t setting_groups_count;

/* Where the value lies; only the one for the setting's type may be asked. */
int64_t *setting_int(const struct setting *s, struct config *config);
char **setting_string(const struct setting *s, struct config *config);
struct string_list *setting_strings(const struct setting *s, struct config *config);
int *setting_choice(const struct setting *s, struct config *config);

void setting_set_default(const struct setting *s, struct config *config);
void setting_release(const struct setting *s, struct config *config);
void setting_copy(const struct setting *s, struct config *to, const struct config *from);
bool setting_equal(const struct setting *s, const struct config *a, const struct config *b);

void string_list_add(struct string_list *list, const char *item);
/* The word's value, or -1. */
int choice_value(const struct setting_choice *choices, const char *word);

#endif
