/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/config.h"

#include <errno.h>
#include <libconfig.h>
#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/config_text.h"
#include "daemon/setting.h"
#include "http/listen.h"

#define ERRORS_MAX     100   /* lines; a file with more wrong than that is no configuration */
#define LINE_MAX_BYTES 1024
#define FILE_MAX_BYTES ((size_t)1024 * 1024)

static void _printf_(2, 3)
complain(struct config_errors *errors, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	if (errors->count == ERRORS_MAX)
		return;
	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	errors->lines = xreallocarray(errors->lines, errors->count + 1, sizeof *errors->lines);
	errors->lines[errors->count++] = xstrdup(line);
}

void
config_errors_release(struct config_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		free(errors->lines[i]);
	free(errors->lines);
	*errors = (struct config_errors){0};
}

/* Where a setting stands and what wrong with it is told to. */
struct reading {
	const char *file;
	struct config *config;
	struct config_errors *errors;
};

static void
complain_at(const struct reading *in, const config_setting_t *at, const char *path, const char *what, const char *detail)
{
	complain(in->errors, "%s:%u: %s: %s%s", in->file, (unsigned)config_setting_source_line(at), path, what, detail);
}

static void
complain_must(const struct reading *in, const config_setting_t *at, const struct setting *s, const char *allowed)
{
	complain_at(in, at, s->path, "must be ", allowed);
}

static void
read_int(const struct reading *in, const struct setting *s, const config_setting_t *value)
{
	int type = config_setting_type(value);
	char allowed[96];
	int64_t number;

	(void)snprintf(allowed, sizeof allowed, "a whole number from %lld to %lld%s", (long long)s->min, (long long)s->max,
		       s->or_zero ? ", or 0" : "");
	if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) {
		complain_must(in, value, s, allowed);
		return;
	}
	number = type == CONFIG_TYPE_INT ? config_setting_get_int(value) : config_setting_get_int64(value);
	if ((number < s->min || number > s->max) && !(s->or_zero && number == 0))
		complain_must(in, value, s, allowed);
	else
		*setting_int(s, in->config) = number;
}

static void
read_string(const struct reading *in, const struct setting *s, const config_setting_t *value)
{
	const char *text = config_setting_get_string(value);
	const char *allowed = text == NULL ? "a text in quotes" : s->check(text);

	if (allowed != NULL) {
		complain_must(in, value, s, allowed);
		return;
	}
	free(*setting_string(s, in->config));
	*setting_string(s, in->config) = xstrdup(text);
}

/* The front end has room for so many sockets, needs one, and has one port on all of them. `given` counts the wrong ones, too, which were
 * told already. */
static void
check_addresses(const struct reading *in, const config_setting_t *at, const struct setting *s, int given)
{
	const struct string_list *list = setting_strings(s, in->config);
	char allowed[64];

	if (given < 1 || given > LISTENERS_MAX) {
		(void)snprintf(allowed, sizeof allowed, "a list of 1 to %d addresses", LISTENERS_MAX);
		complain_must(in, at, s, allowed);
		return;
	}
	for (size_t i = 1; i < list->count; i++)
		if (strcmp(strrchr(list->items[i], ':'), strrchr(list->items[0], ':')) != 0) {
			complain_must(in, at, s, "addresses with one and the same port");
			return;
		}
	for (size_t i = 1; i < list->count; i++)
		for (size_t j = 0; j < i; j++)
			if (listen_address_same(list->items[i], list->items[j])) {
				complain_must(in, at, s, "different addresses; one stands twice");
				return;
			}
}

static void
read_strings(const struct reading *in, const struct setting *s, const config_setting_t *value)
{
	struct string_list *list = setting_strings(s, in->config);
	int type = config_setting_type(value);

	if (type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) {
		complain_must(in, value, s, "a list of texts, such as [ \"one\", \"two\" ]");
		return;
	}
	setting_release(s, in->config);
	for (unsigned i = 0; i < (unsigned)config_setting_length(value); i++) {
		const config_setting_t *item = config_setting_get_elem(value, i);
		const char *text = config_setting_get_string(item);
		const char *allowed = text == NULL ? "a list of texts in quotes" : s->check(text);

		if (allowed != NULL)
			complain_must(in, item, s, allowed);
		else
			string_list_add(list, text);
	}
	if (list == &in->config->http.listen)
		check_addresses(in, value, s, config_setting_length(value));
}

static void
read_choice(const struct reading *in, const struct setting *s, const config_setting_t *value)
{
	const char *text = config_setting_get_string(value);
	_cleanup_(buf_release) struct buf allowed = BUF_INIT(LINE_MAX_BYTES);

	if (text != NULL && choice_value(s->choices, text) >= 0) {
		*setting_choice(s, in->config) = choice_value(s->choices, text);
		return;
	}
	for (const struct setting_choice *c = s->choices; c->word != NULL; c++)
		buf_addf(&allowed, "%s\"%s\"", c == s->choices ? "one of " : ", ", c->word);
	complain_must(in, value, s, allowed.p);
}

static void (*const read_value[])(const struct reading *in, const struct setting *s, const config_setting_t *value) = {
    [SETTING_INT] = read_int,
    [SETTING_STRING] = read_string,
    [SETTING_STRINGS] = read_strings,
    [SETTING_CHOICE] = read_choice,
};

static const struct setting *
find_setting(const char *group, const char *name)
{
	for (size_t i = 0; i < settings_count; i++)
		if (strcmp(settings[i].group, group) == 0 && strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

static bool
group_exists(const char *name)
{
	for (size_t i = 0; i < setting_groups_count; i++)
		if (strcmp(setting_groups[i].name, name) == 0)
			return true;
	return false;
}

/* The known name that was probably meant: the same word in another place, else the fewest edits away, if they are few. */
static const char *
nearest_setting(const char *path, const char *name)
{
	size_t best = strlen(path) / 3 + 1;
	const char *found = NULL;

	for (size_t i = 0; i < settings_count; i++) {
		size_t distance = edit_distance(path, settings[i].path);

		if (strcmp(name, settings[i].name) == 0)
			return settings[i].path;
		if (distance < best) {
			best = distance;
			found = settings[i].path;
		}
	}
	return found;
}

static const char *
nearest_group(const char *name)
{
	size_t best = 3;
	const char *found = NULL;

	for (size_t i = 0; i < setting_groups_count; i++) {
		size_t distance = edit_distance(name, setting_groups[i].name);

		if (distance < best) {
			best = distance;
			found = setting_groups[i].name;
		}
	}
	return found;
}

static void
complain_unknown(const struct reading *in, const config_setting_t *at, const char *path, const char *nearest)
{
	char hint[LINE_MAX_BYTES] = "";

	if (nearest != NULL)
		(void)snprintf(hint, sizeof hint, "; did you mean %s?", nearest);
	complain_at(in, at, path, "there is no such setting", hint);
}

static void
read_group(const struct reading *in, const config_setting_t *group)
{
	const char *group_name = config_setting_name(group);

	for (unsigned i = 0; i < (unsigned)config_setting_length(group); i++) {
		const config_setting_t *value = config_setting_get_elem(group, i);
		const char *name = config_setting_name(value);
		const struct setting *s = find_setting(group_name, name);
		char path[LINE_MAX_BYTES];

		(void)snprintf(path, sizeof path, "%s.%s", group_name, name);
		if (s != NULL)
			read_value[s->type](in, s, value);
		else
			complain_unknown(in, value, path, nearest_setting(path, name));
	}
}

static void
read_root(const struct reading *in, const config_setting_t *root)
{
	for (unsigned i = 0; i < (unsigned)config_setting_length(root); i++) {
		const config_setting_t *child = config_setting_get_elem(root, i);
		const char *name = config_setting_name(child);
		const char *nearest = nearest_group(name);

		if (!group_exists(name))
			complain_unknown(in, child, name, nearest != NULL ? nearest : nearest_setting(name, name));
		else if (!config_setting_is_group(child))
			complain_at(in, child, name, "must be ", "a group of settings: { name = value; ... }");
		else
			read_group(in, child);
	}
}

/* libconfig 1.5 reads a directory as an empty file and has no limit on size: read the bytes here. */
static int
read_file(const char *path, char **ret_text)
{
	_cleanup_(buf_release) struct buf text = BUF_INIT(FILE_MAX_BYTES);
	char chunk[4096];
	size_t n;
	int r = 0;
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return -errno;
	while (r == 0 && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
		r = memchr(chunk, '\0', n) != NULL ? -EILSEQ : buf_add(&text, chunk, n);
	if (r == 0 && ferror(f))
		r = -errno;
	(void)fclose(f);
	if (r == 0)
		*ret_text = buf_take(&text, NULL);
	return r;
}

static int
parse(config_t *lib, const char *path, struct config_errors *errors)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_(buf_release) struct buf prepared = BUF_INIT(2 * FILE_MAX_BYTES);
	const char *wrong = NULL;
	int line = 0, r;

	r = read_file(path, &text);
	if (r < 0) {
		complain(errors, "%s: cannot be read: %s", path, strerrordesc_np(-r));
		return r;
	}
	if (config_text_prepare(text, &prepared, &line, &wrong) < 0) {
		complain(errors, "%s:%d: %s", path, line, wrong);
		return -EINVAL;
	}
	if (config_read_string(lib, prepared.p != NULL ? prepared.p : "") == CONFIG_TRUE)
		return 0;
	complain(errors, "%s:%d: %s", path, config_error_line(lib), config_error_text(lib));
	return -EINVAL;
}

int
config_load(const char *path, struct config **ret_config, struct config_errors *errors)
{
	_cleanup_(config_freep) struct config *config = xcalloc(1, sizeof *config);
	struct reading in = {.file = path, .config = config, .errors = errors};
	config_t lib;
	int r;

	for (size_t i = 0; i < settings_count; i++)
		setting_set_default(&settings[i], config);
	if (path != NULL) {
		config_init(&lib);
		r = parse(&lib, path, errors);
		if (r == 0) {
			read_root(&in, config_root_setting(&lib));
			r = errors->count > 0 ? -EINVAL : 0;
		}
		config_destroy(&lib);
		if (r < 0)
			return r;
	}
	*ret_config = TAKE_PTR(config);
	return 0;
}

struct config *
config_free(struct config *config)
{
	if (config == NULL)
		return NULL;
	for (size_t i = 0; i < settings_count; i++)
		setting_release(&settings[i], config);
	free(config);
	return NULL;
}

size_t
config_diff(const struct config *old, const struct config *new, config_diff_fn fn, void *arg)
{
	size_t changed = 0;

	for (size_t i = 0; i < settings_count; i++) {
		if (setting_equal(&settings[i], old, new))
			continue;
		changed++;
		fn(settings[i].path, settings[i].reloadable, arg);
	}
	return changed;
}

void
config_hold_fixed(struct config *fresh, const struct config *running)
{
	for (size_t i = 0; i < settings_count; i++)
		if (!settings[i].reloadable)
			setting_copy(&settings[i], fresh, running);
}
