/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rule_places.h"

#include <libconfig.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/config_text.h"
#include "base/macro.h"

#define SETTINGS_MAX   4000 /* in one group or list */
#define PRIORITY_USUAL 50

static const struct {
	const char *path;
	enum rule_section section;
} sections[] = {
    {"clean", SECTION_CLEAN},          {"vague.rules", SECTION_VAGUE},     {"matter.codes", SECTION_CODES},
    {"matter.refuse", SECTION_REFUSE}, {"privacy.rules", SECTION_PRIVACY},
};

/* What would be too long is cut; none of what is looked for is. */
static void
word_of(const config_setting_t *group, const char *name, char *to, size_t size)
{
	const char *word = NULL;

	if (config_setting_lookup_string(group, name, &word) == CONFIG_TRUE)
		(void)snprintf(to, size, "%s", word);
}

static struct rule_place
read_place(const config_setting_t *group, enum rule_section section)
{
	struct rule_place place = {.section = section, .line = (unsigned)config_setting_source_line(group)};
	int priority = PRIORITY_USUAL;

	word_of(group, "id", place.id, sizeof place.id);
	word_of(group, "do", place.action, sizeof place.action);
	(void)config_setting_lookup_int(group, "priority", &priority);
	place.priority = (int32_t)priority;
	return place;
}

static void
read_section(const config_setting_t *list, enum rule_section section, struct rule_places *places)
{
	size_t count = list != NULL ? (size_t)config_setting_length(list) : 0;

	places->rows = xreallocarray(places->rows, places->count + count + 1, sizeof *places->rows);
	for (size_t i = 0; i < count && places->count < RULE_PLACES_MAX; i++) {
		const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);
		struct rule_place place;

		if (config_setting_is_group(group) != CONFIG_TRUE)
			continue;
		place = read_place(group, section);
		if (place.id[0] != '\0')
			places->rows[places->count++] = place;
	}
}

static void
read_all(const config_t *lib, struct rule_places *places)
{
	const char *from = "";

	for (size_t i = 0; i < ELEMENTSOF(sections); i++)
		read_section(config_lookup(lib, sections[i].path), sections[i].section, places);
	(void)config_lookup_string(lib, "matter.from", &from);
	places->codes_from_task = strcmp(from, "task") == 0;
}

static int
by_id(const void *pa, const void *pb)
{
	return strcmp(((const struct rule_place *)pa)->id, ((const struct rule_place *)pb)->id);
}

void
rule_places_read(struct str text, struct rule_places *ret_places)
{
	_cleanup_free_ char *terminated = xstrndup(text.len > 0 ? text.p : "", text.len);
	_cleanup_(buf_release) struct buf prepared = BUF_INIT(2 * text.len + 1);
	struct rule_places places = {.rows = NULL};
	const char *wrong;
	config_t lib;
	int line;

	config_init(&lib);
	if (config_text_prepare(terminated, &prepared, &line, &wrong) == 0 &&
	    config_text_bound(terminated, SETTINGS_MAX, &line, &wrong) == 0 &&
	    config_read_string(&lib, prepared.p != NULL ? prepared.p : "") == CONFIG_TRUE)
		read_all(&lib, &places);
	config_destroy(&lib);
	if (places.count > 1)
		qsort(places.rows, places.count, sizeof *places.rows, by_id);
	*ret_places = places;
}

const struct rule_place *
rule_places_find(const struct rule_places *places, const char *id)
{
	struct rule_place key = {.line = 0};
	size_t len = strlen(id);

	if (places->count == 0 || len >= sizeof key.id)
		return NULL;
	memcpy(key.id, id, len + 1);
	return bsearch(&key, places->rows, places->count, sizeof *places->rows, by_id);
}

void
rule_places_release(struct rule_places *places)
{
	free(places->rows);
	*places = (struct rule_places){.rows = NULL};
}
