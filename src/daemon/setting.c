/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/setting.h"

#include <string.h>

#include "base/alloc.h"

#define LIVE  true
#define FIXED false

const struct setting settings[] = {
#define GROUP(g, h)
#define END(g)
#define INT(g, n, d, lo, hi, live, h)                                                                                  \
	{.path = #g "." #n, .group = #g, .name = #n, .type = SETTING_INT, .offset = offsetof(struct config, g.n),      \
	    .standard_int = (d), .min = (lo), .max = (hi), .reloadable = (live), .help = (h)},
#define INT_OR_0(g, n, d, lo, hi, live, h)                                                                             \
	{.path = #g "." #n, .group = #g, .name = #n, .type = SETTING_INT, .offset = offsetof(struct config, g.n),      \
	    .standard_int = (d), .min = (lo), .max = (hi), .or_zero = true, .reloadable = (live), .help = (h)},
#define STRING(g, n, d, c, live, h)                                                                                    \
	{.path = #g "." #n, .group = #g, .name = #n, .type = SETTING_STRING, .offset = offsetof(struct config, g.n),   \
	    .standard = (d), .check = (c), .reloadable = (live), .help = (h)},
#define STRINGS(g, n, d, c, live, h)                                                                                   \
	{.path = #g "." #n, .group = #g, .name = #n, .type = SETTING_STRINGS, .offset = offsetof(struct config, g.n),  \
	    .standard = (d), .check = (c), .reloadable = (live), .help = (h)},
#define CHOICE(g, n, d, w, live, h)                                                                                    \
	{.path = #g "." #n, .group = #g, .name = #n, .type = SETTING_CHOICE, .offset = offsetof(struct config, g.n),   \
	    .standard = (d), .choices = (w), .reloadable = (live), .help = (h)},
#include "daemon/settings.def"
#undef GROUP
#undef INT
#undef INT_OR_0
#undef STRING
#undef STRINGS
#undef CHOICE
};
const size_t settings_count = ELEMENTSOF(settings);

const struct setting_group setting_groups[] = {
#define GROUP(g, h) {.name = #g, .help = (h)},
#define INT(g, n, d, lo, hi, live, h)
#define INT_OR_0(g, n, d, lo, hi, live, h)
#define STRING(g, n, d, c, live, h)
#define STRINGS(g, n, d, c, live, h)
#define CHOICE(g, n, d, w, live, h)
#include "daemon/settings.def"
};
const size_t setting_groups_count = ELEMENTSOF(setting_groups);

static void *
value_at(const struct setting *s, struct config *config)
{
	return (char *)config + s->offset;
}

int64_t *
setting_int(const struct setting *s, struct config *config)
{
	return value_at(s, config);
}

char **
setting_string(const struct setting *s, struct config *config)
{
	return value_at(s, config);
}

struct string_list *
setting_strings(const struct setting *s, struct config *config)
{
	return value_at(s, config);
}

int *
setting_choice(const struct setting *s, struct config *config)
{
	return value_at(s, config);
}

void
string_list_add(struct string_list *list, const char *item)
{
	list->items = xreallocarray(list->items, list->count + 2, sizeof *list->items);
	list->items[list->count++] = xstrdup(item);
	list->items[list->count] = NULL;
}

static void
string_list_release(struct string_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct string_list){0};
}

static void
string_list_add_words(struct string_list *list, const char *words)
{
	for (const char *p = words; *p != '\0';) {
		size_t len = strcspn(p, " ");
		_cleanup_free_ char *word = xstrndup(p, len);

		string_list_add(list, word);
		p += len + strspn(p + len, " ");
	}
}

static bool
string_list_equal(const struct string_list *a, const struct string_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

int
choice_value(const struct setting_choice *choices, const char *word)
{
	for (; choices->word != NULL; choices++)
		if (strcmp(choices->word, word) == 0)
			return choices->value;
	return -1;
}

void
setting_set_default(const struct setting *s, struct config *config)
{
	switch (s->type) {
	case SETTING_INT:
		*setting_int(s, config) = s->standard_int;
		break;
	case SETTING_STRING:
		*setting_string(s, config) = xstrdup(s->standard);
		break;
	case SETTING_STRINGS:
		string_list_add_words(setting_strings(s, config), s->standard);
		break;
	case SETTING_CHOICE:
		*setting_choice(s, config) = choice_value(s->choices, s->standard);
		break;
	}
}

void
setting_release(const struct setting *s, struct config *config)
{
	if (s->type == SETTING_STRING) {
		free(*setting_string(s, config));
		*setting_string(s, config) = NULL;
	} else if (s->type == SETTING_STRINGS) {
		string_list_release(setting_strings(s, config));
	}
}

void
setting_copy(const struct setting *s, struct config *to, const struct config *from)
{
	struct config *source = (struct config *)(uintptr_t)from; /* only read */
	const struct string_list *list;

	setting_release(s, to);
	switch (s->type) {
	case SETTING_INT:
		*setting_int(s, to) = *setting_int(s, source);
		break;
	case SETTING_STRING:
		*setting_string(s, to) = xstrdup(*setting_string(s, source));
		break;
	case SETTING_STRINGS:
		list = setting_strings(s, source);
		for (size_t i = 0; i < list->count; i++)
			string_list_add(setting_strings(s, to), list->items[i]);
		break;
	case SETTING_CHOICE:
		*setting_choice(s, to) = *setting_choice(s, source);
		break;
	}
}

bool
setting_equal(const struct setting *s, const struct config *a, const struct config *b)
{
	struct config *x = (struct config *)(uintptr_t)a, *y = (struct config *)(uintptr_t)b; /* only read */

	switch (s->type) {
	case SETTING_INT:
		return *setting_int(s, x) == *setting_int(s, y);
	case SETTING_STRING:
		return strcmp(*setting_string(s, x), *setting_string(s, y)) == 0;
	case SETTING_STRINGS:
		return string_list_equal(setting_strings(s, x), setting_strings(s, y));
	case SETTING_CHOICE:
		return *setting_choice(s, x) == *setting_choice(s, y);
	}
	return false;
}
