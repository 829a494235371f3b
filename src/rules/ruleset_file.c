/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_file.h"

#include <errno.h>
#include <libconfig.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/config_text.h"
#include "base/utf8.h"
#include "rules/ruleset_read.h"
#include "rules/ruleset_rules.h"
#include "rules/work_hours.h"

#define SECONDS_OF_A_DAY 86400
#define TENTHS_MAX       100
#define VAGUE_CHARS_MAX  1000
#define HOURS_TEXT_MAX   64
#define SETTINGS_MAX     64 /* in a group: far more than any has keys */

/* A rule set on its way: what a file can say, with what holds when it does not. */
struct draft {
	struct row_list clean, vague, codes, refuse, privacy;
	int64_t vague_chars_max;
	int matter_source, matter_listing;
	unsigned merge_keys;
	int64_t minimum_seconds;
	int rounding, per;
	int64_t minimum_tenths;
	struct work_hours hours;
};

static const struct draft standard = {
    .vague_chars_max = 25,
    .matter_source = MATTER_FROM_TITLES,
    .matter_listing = LIST_REQUIRE,
    .merge_keys = MERGE_APPLICATION | MERGE_TASK,
    .rounding = ROUNDING_TENTH_UP,
    .per = UNITS_PER_ENTRY,
};

static void
read_hours(struct reading *in, const config_setting_t *value, const struct field *f, void *to)
{
	struct given_text text = {.line = 0};
	const struct field as_text = {f->name, read_text, 0, .max = HOURS_TEXT_MAX};

	read_text(in, value, &as_text, &text);
	if (text.line > 0 && work_hours_parse(str_of(text.text), (struct work_hours *)(void *)((char *)to + f->offset)) < 0)
		fault(in, text.line, "%s must be days and times, such as \"mon-fri 07:00-19:00\", or empty", f->name);
}

static const struct field_word source_words[] = {{"titles", MATTER_FROM_TITLES}, {"task", MATTER_FROM_TASK}, {NULL, 0}};
static const struct field_word listing_words[] = {
    {"require", LIST_REQUIRE}, {"prefer", LIST_PREFER}, {"ignore", LIST_IGNORE}, {NULL, 0}};
static const struct field_word key_words[] = {
    {"application", MERGE_APPLICATION}, {"task", MERGE_TASK}, {"matter", MERGE_MATTER}, {"category", MERGE_CATEGORY}, {NULL, 0}};
static const struct field_word rounding_words[] = {{"tenth-up", ROUNDING_TENTH_UP}, {"unit-up", ROUNDING_UNIT_UP}, {NULL, 0}};
static const struct field_word per_words[] = {{"entry", UNITS_PER_ENTRY}, {"matter", UNITS_PER_MATTER}, {NULL, 0}};

#define TO(member)               offsetof(struct draft, member)
#define NUMBER(name, member, most) {name, read_number, TO(member), .max = (most)}
#define WORD(name, member, list)   {name, read_word, TO(member), .words = (list)}
#define RULES(name, member, kind)  {name, read_each, TO(member), .fields = kind##_fields, .each = ADD_##kind}
#define ADD_clean   add_clean_step
#define ADD_vague   add_vague_rule
#define ADD_matter  add_matter_rule
#define ADD_refuse  add_refuse_rule
#define ADD_privacy add_privacy_rule
#define END         {.name = NULL}

static const struct field vague_section[] = {
    NUMBER("max_chars", vague_chars_max, VAGUE_CHARS_MAX), RULES("rules", vague, vague), END};
static const struct field matter_section[] = {
    WORD("from", matter_source, source_words), WORD("list", matter_listing, listing_words),
    RULES("codes", codes, matter), RULES("refuse", refuse, refuse), END};
static const struct field merge_section[] = {
    {"keys", read_bits, TO(merge_keys), .words = key_words}, NUMBER("minimum_seconds", minimum_seconds, SECONDS_OF_A_DAY), END};
static const struct field units_section[] = {
    WORD("rounding", rounding, rounding_words), WORD("per", per, per_words),
    NUMBER("minimum_tenths", minimum_tenths, TENTHS_MAX), END};
static const struct field privacy_section[] = {
    {.name = "hours", .read = read_hours, .offset = TO(hours)}, RULES("rules", privacy, privacy), END};

static const struct field root_fields[] = {
    RULES("clean", clean, clean),
    {.name = "vague", .read = read_section, .fields = vague_section},
    {.name = "matter", .read = read_section, .fields = matter_section},
    {.name = "merge", .read = read_section, .fields = merge_section},
    {.name = "units", .read = read_section, .fields = units_section},
    {.name = "privacy", .read = read_section, .fields = privacy_section},
    END,
};

/* The steps stage by stage, each stage's in the order of the file. */
static struct clean_step *
take_steps(struct row_list *list, struct arena *arena)
{
	struct clean_step *steps = arena_alloc(arena, list->count, sizeof *steps);
	const struct clean_step *from = list->rows;
	size_t count = 0;

	for (unsigned stage = STAGE_NAME; stage <= STAGE_NOISE; stage++)
		for (size_t i = 0; i < list->count; i++)
			if ((unsigned)from[i].stage == stage)
				steps[count++] = from[i];
	return steps;
}

static void
draft_release(struct draft *d)
{
	free(d->clean.rows);
	free(d->vague.rows);
	free(d->codes.rows);
	free(d->refuse.rows);
	free(d->privacy.rows);
}

static struct ruleset *
make_set(struct draft *d, struct arena *arena)
{
	struct ruleset *set = arena_alloc(arena, 1, sizeof *set);

	*set = (struct ruleset){
	    .clean_count = d->clean.count,
	    .vague_count = d->vague.count,
	    .vague_chars_max = (size_t)d->vague_chars_max,
	    .matter_source = (enum matter_source)d->matter_source,
	    .matter_listing = (enum matter_listing)d->matter_listing,
	    .matter_count = d->codes.count,
	    .refuse_count = d->refuse.count,
	    .merge_keys = d->merge_keys,
	    .minimum_seconds = d->minimum_seconds,
	    .units = {(enum rounding)d->rounding, (enum units_per)d->per, (int32_t)d->minimum_tenths},
	    .privacy_count = d->privacy.count,
	    .hours = d->hours,
	    .memory = arena,
	};
	set->clean = take_steps(&d->clean, arena);
	set->vague = row_list_take(&d->vague, arena);
	set->matter = row_list_take(&d->codes, arena);
	set->refuse = row_list_take(&d->refuse, arena);
	set->privacy = row_list_take(&d->privacy, arena);
	return set;
}

static void
set_version(struct ruleset *set, struct str text)
{
	unsigned char hash[crypto_generichash_BYTES_MIN];

	_Static_assert(sizeof set->version == 2 * sizeof hash + 1, "the version is the hash in hexadecimal");
	(void)crypto_generichash(hash, sizeof hash, (const unsigned char *)text.p, text.len, NULL, 0);
	(void)sodium_bin2hex(set->version, sizeof set->version, hash, sizeof hash);
}

/* The line of the first byte that no rules file can have, or 0. */
static unsigned
line_of_bad_byte(struct str text)
{
	unsigned line = 1;

	if (utf8_valid(text))
		return 0;
	while (text.len > 0) {
		const char *end = memchr(text.p, '\n', text.len);
		struct str one = {text.p, end != NULL ? (size_t)(end - text.p) + 1 : text.len};

		if (!utf8_valid(one))
			break;
		text.p += one.len;
		text.len -= one.len;
		line++;
	}
	return line;
}

/* What libconfig is to read. */
static int
prepare(struct reading *in, struct str text, struct buf *ret_prepared)
{
	_cleanup_free_ char *terminated = NULL;
	const char *wrong = NULL;
	unsigned bad = text.len <= RULES_FILE_MAX ? line_of_bad_byte(text) : 0;
	int line = 0;

	if (text.len > RULES_FILE_MAX) {
		fault(in, 1, "a rules file has at most %zu bytes", RULES_FILE_MAX);
		return -EINVAL;
	}
	if (bad > 0) {
		fault(in, bad, "a rules file is UTF-8, without NUL");
		return -EINVAL;
	}
	terminated = xstrndup(text.len > 0 ? text.p : "", text.len);
	if (config_text_prepare(terminated, ret_prepared, &line, &wrong) < 0 ||
	    config_text_bound(terminated, SETTINGS_MAX, &line, &wrong) < 0) {
		fault(in, (unsigned)line, "%s", wrong != NULL ? wrong : "too many long numbers");
		return -EINVAL;
	}
	return 0;
}

/* A set, or NULL and at least one fault. */
static struct ruleset *
read_root(struct reading *in, const config_t *lib)
{
	_cleanup_(draft_release) struct draft draft = standard;

	read_fields(in, config_root_setting(lib), root_fields, &draft);
	return in->faults.count == 0 ? make_set(&draft, in->arena) : NULL;
}

static struct ruleset *
read_prepared(struct reading *in, const char *prepared)
{
	struct ruleset *set = NULL;
	config_t lib;

	config_init(&lib);
	if (config_read_string(&lib, prepared) == CONFIG_TRUE)
		set = read_root(in, &lib);
	else
		fault(in, (unsigned)config_error_line(&lib), "%s", config_error_text(&lib));
	config_destroy(&lib);
	return set;
}

int
ruleset_parse(struct str text, const char *name, struct rule_faults *faults, struct ruleset **ret_set)
{
	_cleanup_(buf_release) struct buf prepared = BUF_INIT(2 * RULES_FILE_MAX);
	struct reading in = {.name = name, .place = "", .arena = arena_new(), .matcher = matcher_new()};
	struct ruleset *set = NULL;

	if (prepare(&in, text, &prepared) == 0)
		set = read_prepared(&in, prepared.p != NULL ? prepared.p : "");
	take_faults(&in, faults);
	matcher_free(in.matcher);
	free(in.ids.rows);
	if (set == NULL) {
		arena_free(in.arena);
		return -EINVAL;
	}
	set_version(set, text);
	*ret_set = set;
	return 0;
}

struct ruleset *
ruleset_free(struct ruleset *set)
{
	if (set != NULL)
		arena_free(set->memory);
	return NULL;
}

void
rule_faults_release(struct rule_faults *faults)
{
	for (size_t i = 0; i < faults->count; i++)
		free(faults->lines[i]);
	free(faults->lines);
	*faults = (struct rule_faults){.lines = NULL};
}

#include "rules/default_rules.inc"

struct str
ruleset_default_text(void)
{
	return (struct str){(const char *)default_rules, sizeof default_rules};
}

int
ruleset_default(struct ruleset **ret_set)
{
	_cleanup_(rule_faults_release) struct rule_faults faults = {.lines = NULL};

	return ruleset_parse(ruleset_default_text(), RULESET_DEFAULT_NAME, &faults, ret_set);
}
