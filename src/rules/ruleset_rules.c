/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_rules.h"

#include <string.h>

#include "rules/near.h"
#include "rules/rules.h"

#define WHY_MAX_BYTES   512
#define DIGITS_MAX      100
#define PRIORITY_MAX    100
#define PRIORITY_USUAL  50
#define REDACTED        "[redacted]"
#define EXAMPLE_APP     "Some program" /* rows have an application */
#define MATCHES_ALL     ""

/* Everything that a rule of any kind can say; the kind's table has what it may say. */
struct rule_form {
	unsigned line;
	struct given_text id, app_is, app_contains, app_matches, if_prefix, match, literal, with, name, prefix, category;
	struct given_texts names, after, after_number, before;
	int stage, action; /* -1: not given */
	bool app_any_case, any_case;
	int64_t digits, priority;
	struct row_list examples; /* struct example */
};

struct example_form {
	struct given_text app, title, category, task, matter, stored;
	bool dropped, excluded, untouched;
};

#define TEXT(member, least, most) {#member, read_text, offsetof(struct rule_form, member), .min = (least), .max = (most)}
#define FLAG(member)              {.name = #member, .read = read_flag, .offset = offsetof(struct rule_form, member)}
#define APP_FIELDS                                                                                                     \
	TEXT(app_is, 1, RULES_TEXT_MAX), TEXT(app_contains, 1, RULES_TEXT_MAX), TEXT(app_matches, 1, RULES_REGEX_MAX), \
	    FLAG(app_any_case)
#define PATTERN_FIELDS                                                                                                 \
	TEXT(match, 1, RULES_REGEX_MAX), FLAG(any_case), TEXT(literal, 1, RULES_TEXT_MAX),                             \
	    {"digits", read_number, offsetof(struct rule_form, digits), .max = DIGITS_MAX}
#define NEAR(member) {#member, read_texts, offsetof(struct rule_form, member), .min = 1, .max = NEAR_WORD_MAX}
#define EXAMPLES(table)                                                                                                \
	{"examples", read_each, offsetof(struct rule_form, examples), .fields = (table), .each = add_example}
#define END {.name = NULL}

#define EXAMPLE_TEXT(member, least) {#member, read_text, offsetof(struct example_form, member), .min = (least), .max = RULES_TITLE_MAX}
#define EXAMPLE_FLAG(member) {.name = #member, .read = read_flag, .offset = offsetof(struct example_form, member)}

static const struct field example_fields[] = {
    EXAMPLE_TEXT(app, 1), EXAMPLE_TEXT(title, 0), EXAMPLE_TEXT(category, 1), EXAMPLE_TEXT(task, 1), EXAMPLE_TEXT(matter, 0),
    EXAMPLE_FLAG(dropped), EXAMPLE_FLAG(untouched), END,
};
static const struct field privacy_example_fields[] = {
    EXAMPLE_TEXT(app, 1), EXAMPLE_TEXT(title, 0), EXAMPLE_TEXT(category, 1), EXAMPLE_TEXT(stored, 0),
    EXAMPLE_FLAG(excluded), EXAMPLE_FLAG(untouched), END,
};

static void
add_wanted(struct row_list *list, struct example *e, enum example_want want, const char *text)
{
	e->want = want;
	e->text = text;
	row_list_add(list, e);
}

/* One that wants two things is two examples. */
static void
add_example(struct reading *in, const config_setting_t *group, const struct field *f, void *to)
{
	struct example_form form = {.dropped = false};
	struct row_list *list = to;
	struct example e = {.line = line_of_setting(group)};
	int kinds;

	read_fields(in, group, f->fields, &form);
	e.application = form.app.text;
	e.title = form.title.text;
	e.category = form.category.text != NULL ? form.category.text : "";
	kinds = (form.task.line > 0 || form.matter.line > 0) + form.dropped + (form.stored.line > 0) + form.excluded + form.untouched;
	if (form.title.line == 0)
		fault(in, e.line, "an example needs a title");
	if (kinds != 1)
		fault(in, e.line, "an example says what comes of it, and one thing only: %s",
		      f->fields == example_fields ? "task or matter or both, dropped = true, or untouched = true" :
						    "stored, excluded = true, or untouched = true");
	list->row_size = sizeof e;
	if (form.task.line > 0)
		add_wanted(list, &e, WANT_TASK, form.task.text);
	if (form.matter.line > 0)
		add_wanted(list, &e, WANT_MATTER, form.matter.text);
	if (form.dropped)
		add_wanted(list, &e, WANT_DROPPED, "");
	if (form.stored.line > 0)
		add_wanted(list, &e, WANT_TITLE, form.stored.text);
	if (form.excluded)
		add_wanted(list, &e, WANT_EXCLUDED, "");
	if (form.untouched)
		add_wanted(list, &e, WANT_UNTOUCHED, "");
}

/* What `do` means for a cleaning step. */
enum need { NEVER, MAY, MUST };
static const struct action {
	const char *word;
	enum clean_kind kind;
	enum need match, with;
	const char *replacement; /* if `with` is not given */
} actions[] = {
    {"strip", CLEAN_REPLACE, MUST, NEVER, ""},
    {"replace", CLEAN_REPLACE, MUST, MUST, NULL},
    {"extract", CLEAN_EXTRACT, MUST, NEVER, NULL},
    {"rename", CLEAN_RENAME, MAY, MUST, NULL},
    {"drop", CLEAN_DROP, MAY, NEVER, NULL},
    {"trim", CLEAN_TRIM, NEVER, NEVER, NULL},
    {"keep", CLEAN_END, MAY, NEVER, NULL},
    {"redact", CLEAN_REPLACE, MUST, MAY, REDACTED},
};
enum { DO_STRIP, DO_REPLACE, DO_EXTRACT, DO_RENAME, DO_DROP, DO_TRIM, DO_KEEP, DO_REDACT };

static const struct field_word stage_words[] = {{"name", STAGE_NAME}, {"noise", STAGE_NOISE}, {NULL, 0}};
static const struct field_word clean_words[] = {
    {"strip", DO_STRIP}, {"replace", DO_REPLACE}, {"extract", DO_EXTRACT}, {"rename", DO_RENAME}, {"drop", DO_DROP},
    {"trim", DO_TRIM}, {"keep", DO_KEEP}, {"redact", DO_REDACT}, {NULL, 0},
};
static const struct field_word privacy_words[] = {{"exclude", PRIVACY_EXCLUDE}, {"redact", PRIVACY_REDACT}, {NULL, 0}};

const struct field clean_fields[] = {
    TEXT(id, 0, RULES_TEXT_MAX),
    {"stage", read_word, offsetof(struct rule_form, stage), .words = stage_words},
    {"do", read_word, offsetof(struct rule_form, action), .words = clean_words},
    APP_FIELDS, TEXT(if_prefix, 1, RULES_TEXT_MAX), PATTERN_FIELDS, TEXT(with, 0, RULES_TEXT_MAX), EXAMPLES(example_fields), END,
};
const struct field vague_fields[] = {
    TEXT(id, 0, RULES_TEXT_MAX), TEXT(name, 1, RULES_TEXT_MAX), TEXT(prefix, 1, RULES_TEXT_MAX),
    {"names", read_texts, offsetof(struct rule_form, names), .min = 1, .max = RULES_TEXT_MAX},
    PATTERN_FIELDS, EXAMPLES(example_fields), END,
};
const struct field matter_fields[] = {
    TEXT(id, 0, RULES_TEXT_MAX), APP_FIELDS, PATTERN_FIELDS, NEAR(after),
    {"priority", read_number, offsetof(struct rule_form, priority), .max = PRIORITY_MAX},
    EXAMPLES(example_fields), END,
};
const struct field refuse_fields[] = {
    TEXT(id, 0, RULES_TEXT_MAX), APP_FIELDS, PATTERN_FIELDS, NEAR(after), NEAR(after_number), NEAR(before), EXAMPLES(example_fields), END,
};
const struct field privacy_fields[] = {
    TEXT(id, 0, RULES_TEXT_MAX),
    {"do", read_word, offsetof(struct rule_form, action), .words = privacy_words},
    APP_FIELDS, TEXT(category, 1, RULES_TEXT_MAX), PATTERN_FIELDS, TEXT(with, 0, RULES_TEXT_MAX),
    EXAMPLES(privacy_example_fields), END,
};

struct known_id {
	const char *id;
	unsigned line;
};

static bool
id_is_good(const char *id)
{
	size_t len = strlen(id);

	return len > 0 && len <= RULES_ID_MAX && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len;
}

static void
check_id(struct reading *in, const struct rule_form *form)
{
	const struct known_id *known = in->ids.rows;
	struct known_id own = {form->id.text, form->id.line};

	if (form->id.line == 0) {
		fault(in, form->line, "a rule needs an id");
		return;
	}
	if (!id_is_good(own.id)) {
		fault(in, own.line, "id must be 1 to %d of a-z, 0-9, . and -", RULES_ID_MAX);
		return;
	}
	for (size_t i = 0; i < in->ids.count; i++)
		if (strcmp(known[i].id, own.id) == 0) {
			fault(in, own.line, "id stands in line %u already", known[i].line);
			return;
		}
	in->ids.row_size = sizeof own;
	row_list_add(&in->ids, &own);
}

static void
check_pattern(struct reading *in, unsigned line, const char *key, const struct pattern_def *def, const char *replacement,
	      unsigned least_groups)
{
	char why[WHY_MAX_BYTES];

	if (!pattern_check(in->matcher, def, replacement, least_groups, why, sizeof why))
		fault(in, line, "%s: %s", key, why);
}

static struct app_test
app_of(struct reading *in, const struct rule_form *form)
{
	const struct given_text *texts[] = {
	    [APP_IS] = &form->app_is, [APP_CONTAINS] = &form->app_contains, [APP_MATCHES] = &form->app_matches};
	struct app_test test = {.how = APP_ANY, .caseless = form->app_any_case};
	const struct pattern_def matches = {.regex = form->app_matches.text, .caseless = form->app_any_case};

	for (unsigned how = APP_IS; how <= APP_MATCHES; how++) {
		if (texts[how]->line == 0)
			continue;
		if (test.how != APP_ANY)
			fault(in, texts[how]->line, "only one of app_is, app_contains and app_matches can hold");
		test.how = (enum app_how)how;
		test.text = texts[how]->text;
	}
	if (matches.regex != NULL)
		check_pattern(in, form->app_matches.line, "app_matches", &matches, NULL, 0);
	return test;
}

/* What an example leaves out is what the rule itself says of the application, if it does. */
static struct rule_head
head_of(struct reading *in, struct rule_form *form, const struct app_test *app)
{
	struct rule_head head = {.id = form->id.text, .line = form->line, .example_count = form->examples.count};
	const char *usual = app->how == APP_IS || app->how == APP_CONTAINS ? app->text : EXAMPLE_APP;
	struct example *examples = row_list_take(&form->examples, in->arena);

	for (size_t i = 0; i < head.example_count; i++)
		if (examples[i].application == NULL)
			examples[i].application = usual;
	head.examples = examples;
	return head;
}

static struct pattern_def
pattern_of(struct reading *in, const struct rule_form *form, const char *replacement, unsigned least_groups)
{
	const struct pattern_def def = {
	    .regex = form->match.text,
	    .literal = form->literal.text,
	    .digits = (unsigned)form->digits,
	    .caseless = form->any_case,
	};

	if (def.regex != NULL)
		check_pattern(in, form->match.line, "match", &def, replacement, least_groups);
	else if (def.literal != NULL || def.digits > 0 || def.caseless)
		fault(in, form->line, "any_case, literal and digits say something of match, which is missing");
	return def;
}

static void
need(struct reading *in, const struct rule_form *form, enum need need, const struct given_text *given, const char *key, const char *what)
{
	if (need == MUST && given->line == 0)
		fault(in, form->line, "\"%s\" needs %s", what, key);
	if (need == NEVER && given->line > 0)
		fault(in, given->line, "%s has no meaning for \"%s\"", key, what);
}

/* False for one too many, which is told once. */
static bool
count_rule(struct reading *in, const struct rule_form *form)
{
	if (++in->rule_count == RULES_MAX + 1)
		fault(in, form->line, "there can be no more than %d rules", RULES_MAX);
	return in->rule_count <= RULES_MAX;
}

/* The rule's group as a form, and what is the same for every kind. False for a rule past the limit, which is not read. */
static bool
read_form(struct reading *in, const config_setting_t *group, const struct field *f, struct rule_form *ret_form)
{
	const char *id = NULL;

	*ret_form = (struct rule_form){
	    .line = line_of_setting(group), .stage = -1, .action = -1, .app_any_case = true, .priority = PRIORITY_USUAL,
	    .examples = {.row_size = sizeof(struct example)}};
	if (!count_rule(in, ret_form))
		return false;
	(void)config_setting_lookup_string(group, "id", &id);
	in->place = id != NULL && id_is_good(id) ? id : f->name;
	read_fields(in, group, f->fields, ret_form);
	check_id(in, ret_form);
	return true;
}

static void
need_condition(struct reading *in, const struct rule_form *form, const struct app_test *app, const char *what)
{
	if (form->match.line == 0 && form->if_prefix.line == 0 && form->category.line == 0 && app->how == APP_ANY)
		fault(in, form->line, "\"%s\" without any condition would be for everything", what);
}

void
add_clean_step(struct reading *in, const config_setting_t *group, const struct field *f, void *to)
{
	struct row_list *list = to;
	struct rule_form form;
	struct clean_step step;
	const struct action *action;

	if (!read_form(in, group, f, &form))
		return;
	step = (struct clean_step){.app = app_of(in, &form), .if_prefix = form.if_prefix.text};
	step.head = head_of(in, &form, &step.app);
	if (form.stage < 0 && config_setting_get_member(group, "stage") == NULL)
		fault(in, form.line, "a step needs a stage");
	if (form.action < 0 && config_setting_get_member(group, "do") == NULL)
		fault(in, form.line, "a step says what to do");
	action = &actions[MAX_OF(form.action, 0)];
	step.stage = form.stage == STAGE_NOISE ? STAGE_NOISE : STAGE_NAME;
	step.kind = action->kind;
	step.replacement = form.with.line > 0 ? form.with.text : action->replacement;
	step.pattern = pattern_of(in, &form, step.replacement, 0);
	if (form.action >= 0) {
		need(in, &form, action->match, &form.match, "match", action->word);
		need(in, &form, action->with, &form.with, "with", action->word);
	}
	if (step.kind == CLEAN_DROP || step.kind == CLEAN_RENAME)
		need_condition(in, &form, &step.app, action->word);
	if (step.pattern.regex == NULL && action->match == MAY && step.kind != CLEAN_END)
		step.pattern.regex = MATCHES_ALL;
	list->row_size = sizeof step;
	row_list_add(list, &step);
}

static void
add_vague_row(struct row_list *list, struct vague_rule *row, const char *text)
{
	row->text = text;
	row_list_add(list, row);
	/* Of several rows with one id the first has the examples. */
	row->head.examples = NULL;
	row->head.example_count = 0;
}

void
add_vague_rule(struct reading *in, const config_setting_t *group, const struct field *f, void *to)
{
	const struct app_test any = {.how = APP_ANY};
	struct row_list *list = to;
	struct rule_form form;
	struct vague_rule row;

	if (!read_form(in, group, f, &form))
		return;
	row = (struct vague_rule){.head = head_of(in, &form, &any), .caseless = form.any_case};
	list->row_size = sizeof row;
	if ((form.name.line > 0) + (form.names.line > 0) + (form.prefix.line > 0) + (form.match.line > 0) != 1)
		fault(in, form.line, "a vague title is known by one of name, names, prefix and match");
	if (form.match.line > 0) {
		row.kind = VAGUE_PATTERN;
		row.pattern = pattern_of(in, &form, NULL, 0);
		add_vague_row(list, &row, NULL);
		return;
	}
	if (form.literal.line > 0 || form.digits > 0)
		fault(in, form.line, "literal and digits say something of match, which is missing");
	row.kind = form.prefix.line > 0 ? VAGUE_PREFIX : VAGUE_NAME;
	if (form.prefix.line > 0 || form.name.line > 0)
		add_vague_row(list, &row, form.prefix.line > 0 ? form.prefix.text : form.name.text);
	/* The rule itself is counted: its first name is. */
	for (size_t i = 0; i < form.names.count && (i == 0 || count_rule(in, &form)); i++)
		add_vague_row(list, &row, form.names.texts[i]);
}

static void
need_match(struct reading *in, const config_setting_t *group, const struct rule_form *form)
{
	if (config_setting_get_member(group, "match") == NULL)
		fault(in, form->line, "a rule of this kind needs match");
}

static struct near_words
near_of(const struct given_texts *given)
{
	return (struct near_words){.texts = given->texts, .count = given->count};
}

void
add_matter_rule(struct reading *in, const config_setting_t *group, const struct field *f, void *to)
{
	struct row_list *list = to;
	struct rule_form form;
	struct matter_rule row;

	if (!read_form(in, group, f, &form))
		return;
	need_match(in, group, &form);
	row = (struct matter_rule){.app = app_of(in, &form), .priority = (int32_t)form.priority};
	row.head = head_of(in, &form, &row.app);
	row.pattern = pattern_of(in, &form, NULL, 1);
	row.after = near_of(&form.after);
	list->row_size = sizeof row;
	row_list_add(list, &row);
}

void
add_refuse_rule(struct reading *in, const config_setting_t *group, const struct field *f, void *to)
{
	struct row_list *list = to;
	struct rule_form form;
	struct refuse_rule row;

	if (!read_form(in, group, f, &form))
		return;
	if (form.after.line == 0 && form.after_number.line == 0 && form.before.line == 0)
		need_match(in, group, &form);
	row = (struct refuse_rule){.app = app_of(in, &form)};
	row.head = head_of(in, &form, &row.app);
	row.pattern = pattern_of(in, &form, NULL, 0);
	row.after = near_of(&form.after);
	row.after_number = near_of(&form.after_number);
	row.before = near_of(&form.before);
	list->row_size = sizeof row;
	row_list_add(list, &row);
}

void
add_privacy_rule(struct reading *in, const config_setting_t *group, const struct field *f, void *to)
{
	struct row_list *list = to;
	struct rule_form form;
	struct privacy_rule row;

	if (!read_form(in, group, f, &form))
		return;
	row = (struct privacy_rule){.app = app_of(in, &form), .category = form.category.text};
	row.head = head_of(in, &form, &row.app);
	row.kind = form.action == PRIVACY_REDACT ? PRIVACY_REDACT : PRIVACY_EXCLUDE;
	if (row.kind == PRIVACY_REDACT)
		row.replacement = form.with.line > 0 ? form.with.text : REDACTED;
	row.pattern = pattern_of(in, &form, row.replacement, 0);
	if (form.action < 0 && config_setting_get_member(group, "do") == NULL)
		fault(in, form.line, "a privacy rule says what to do");
	if (form.action == PRIVACY_EXCLUDE) {
		need(in, &form, NEVER, &form.with, "with", "exclude");
		need_condition(in, &form, &row.app, "exclude");
	} else if (form.action == PRIVACY_REDACT) {
		need(in, &form, MUST, &form.match, "match", "redact");
	}
	list->row_size = sizeof row;
	row_list_add(list, &row);
}
