/* SPDX-License-Identifier: Apache-2.0 */
#include "store/owners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "store/activity.h"
#include "store/sqlite.h"

#define WIDTH_MAX 20 /* of any number of 64 bits, with its sign */

void
owners_release(struct owners *o)
{
	free(o->rule);
	free(o->rule_memory);
	free(o->rules);
	free(o->numbers);
	*o = (struct owners){0};
}

/* The rules that dropped rows, each once; open addressing: number, or 0. Which they are a worker says, so it could make up many. */
struct rule_table {
	const char **rules;
	uint32_t *slots;
	size_t count, mask;
};

static size_t
count_dropped(const struct activity_row *rows, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += rows[i].rule != NULL;
	return n;
}

static void
rule_table_init(struct rule_table *t, size_t count_max)
{
	size_t room = 16;

	while (room < count_max * 2)
		room *= 2;
	*t = (struct rule_table){.rules = xcalloc(count_max, sizeof *t->rules), .slots = xcalloc(room, sizeof *t->slots), .mask = room - 1};
}

static void
rule_table_release(struct rule_table *t)
{
	free(t->rules);
	free(t->slots);
}

/* From 1 on. Neighbours were often dropped by the same. */
static int64_t
number_of_rule(struct rule_table *t, const char *rule)
{
	size_t i;

	if (t->count > 0 && strcmp(t->rules[t->count - 1], rule) == 0)
		return (int64_t)t->count;
	i = hash_of(str_of(rule)) & t->mask;
	while (t->slots[i] != 0 && strcmp(t->rules[t->slots[i] - 1], rule) != 0)
		i = (i + 1) & t->mask;
	if (t->slots[i] == 0) {
		t->rules[t->count++] = rule;
		t->slots[i] = (uint32_t)t->count;
	}
	return t->slots[i];
}

static char *
rules_text(const struct rule_table *t)
{
	struct json j = JSON_INIT;

	json_open(&j, NULL, '[');
	for (size_t i = 0; i < t->count; i++)
		json_text(&j, NULL, t->rules[i]);
	json_close(&j, ']');
	return buf_take(&j.b, NULL);
}

static int64_t
first_entry_of(const struct activity_row *rows, size_t count)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < count; i++)
		if (rows[i].entry_id != 0 && rows[i].entry_id < first)
			first = rows[i].entry_id;
	return first != INT64_MAX ? first : 1;
}

static int64_t
width_of(const int64_t *numbers, size_t count)
{
	int64_t least = 0, most = 0, width = 1;

	for (size_t i = 0; i < count; i++) {
		least = MIN_OF(least, numbers[i]);
		most = MAX_OF(most, numbers[i]);
	}
	/* A negative one has a sign besides. */
	for (most = MAX_OF(most, least * -10); most >= 10; most /= 10)
		width++;
	return width;
}

static void
write_number(char *at, int64_t width, int64_t number)
{
	int64_t rest = number < 0 ? -number : number;

	for (int64_t i = width; i-- > 0; rest /= 10)
		at[i] = (char)('0' + rest % 10);
	if (number < 0)
		at[0] = '-';
}

void
owners_write(const struct activity_row *rows, size_t count, struct owners *ret_owners)
{
	_cleanup_free_ int64_t *numbers = xcalloc(count, sizeof *numbers);
	_cleanup_(rule_table_release) struct rule_table rules = {0};
	struct owners o = {.first_entry = first_entry_of(rows, count)};

	rule_table_init(&rules, count_dropped(rows, count));
	for (size_t i = 0; i < count; i++)
		numbers[i] = rows[i].rule != NULL      ? -number_of_rule(&rules, rows[i].rule)
			     : rows[i].entry_id != 0 ? rows[i].entry_id - o.first_entry + 1
						     : 0;
	o.width = width_of(numbers, count);
	o.len = count * (size_t)o.width;
	o.numbers = xcalloc(o.len + 1, 1);
	for (size_t i = 0; i < count; i++)
		write_number(o.numbers + i * (size_t)o.width, o.width, numbers[i]);
	o.rules = rules_text(&rules);
	*ret_owners = o;
}

/* One string of the array, as json.h writes it, from behind its quote on; *at moves behind what it becomes. Returns what stands behind the closing
 * quote; NULL if there is none. */
static const char *
read_rule(const char *p, const char *end, char **at)
{
	for (; p < end && *p != '"'; p++) {
		unsigned code = 0;

		if (*p != '\\') {
			*(*at)++ = *p;
		} else if (++p < end && *p == 'u' && end - p > 4) {
			for (const char *last = p + 4; p < last; p++)
				code = code << 4 | (p[1] <= '9' ? (unsigned)p[1] - '0' : ((unsigned)p[1] | 0x20) - 'a' + 10);
			*(*at)++ = (char)(code & 0x7f);
		} else if (p < end) {
			*(*at)++ = *p == 'n' ? '\n' : *p;
		}
	}
	*(*at)++ = '\0';
	return p < end ? p + 1 : NULL;
}

/* No rule becomes longer than it stands there. */
static int
read_rules(struct owners *o, struct str text)
{
	const char *p, *end;
	char *at;

	if (text.len < 2 || text.p[0] != '[' || text.p[text.len - 1] != ']')
		return -EUCLEAN;
	p = text.p + 1;
	end = text.p + text.len;
	at = o->rule_memory = xcalloc(text.len + 1, 1);
	while (p < end && *p == '"') {
		o->rule = array_grow(o->rule, o->rule_count, sizeof *o->rule);
		o->rule[o->rule_count++] = at;
		p = read_rule(p + 1, end, &at);
		if (p == NULL)
			return -EUCLEAN;
		p += p < end && *p == ',';
	}
	return p == end - 1 ? 0 : -EUCLEAN;
}

int
owners_read(int64_t first_entry, int64_t width, struct str numbers, struct str rules, struct owners *ret_owners)
{
	_cleanup_(owners_release) struct owners o = {.first_entry = first_entry, .width = width, .len = numbers.len};
	int r;

	if (first_entry < 1 || width < 1 || width > WIDTH_MAX || numbers.len % (size_t)width != 0)
		return -EUCLEAN;
	o.numbers = xcalloc(numbers.len + 1, 1);
	if (numbers.len > 0)
		memcpy(o.numbers, numbers.p, numbers.len);
	r = read_rules(&o, rules);
	if (r < 0)
		return r;
	*ret_owners = o;
	o = (struct owners){0};
	return 0;
}

static int
read_number(const char *at, int64_t width, int64_t *ret_number)
{
	const bool negative = at[0] == '-';
	int64_t number = 0;

	for (int64_t i = negative; i < width; i++)
		if (at[i] < '0' || at[i] > '9' || __builtin_mul_overflow(number, (int64_t)10, &number) ||
		    __builtin_add_overflow(number, (int64_t)(at[i] - '0'), &number))
			return -EUCLEAN;
	*ret_number = negative ? -number : number;
	return 0;
}

int
owners_at(const struct owners *o, size_t at, int64_t *ret_entry_id, const char **ret_rule)
{
	int64_t number, entry_id = 0;
	int r = read_number(o->numbers + at * (size_t)o->width, o->width, &number);

	if (r < 0)
		return r;
	if (number < 0 && (uint64_t)-number > o->rule_count)
		return -EUCLEAN;
	if (number > 0 && __builtin_add_overflow(o->first_entry, number - 1, &entry_id))
		return -EUCLEAN;
	*ret_entry_id = entry_id;
	*ret_rule = number < 0 ? o->rule[-number - 1] : NULL;
	return 0;
}
