/* SPDX-License-Identifier: Apache-2.0 */
#include "alp_config.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const pagings[] = { "none", "link", "page", "offset" };

#define N_PAGINGS (sizeof(pagings) / sizeof(pagings[0]))

static const struct number {
	const char *name;
	size_t at;
	int64_t lo, hi;
} numbers[] = {
	{ "page_size", offsetof(struct alp_config, page_size), 1, 100000 },
	{ "honours_key", offsetof(struct alp_config, honours_key), 0, 1 },
	{ "lists_entries", offsetof(struct alp_config, lists_entries), 0, 1 },
	{ "shows_deleted", offsetof(struct alp_config, shows_deleted), 0, 1 },
	{ "text_ids", offsetof(struct alp_config, text_ids), 0, 1 },
	{ "fresh_ms", offsetof(struct alp_config, fresh_ms), 0, 86400000 },
	{ "latency_ms", offsetof(struct alp_config, latency_ms), 0, 600000 },
	{ "etags", offsetof(struct alp_config, etags), 0, 1 },
	{ "matters", offsetof(struct alp_config, matters), 0, ALP_MATTERS_MAX },
};

static const struct word {
	const char *name;
	size_t at, size;
} words[] = {
	{ "key", offsetof(struct alp_config, key), sizeof(((struct alp_config *)NULL)->key) },
	{ "items", offsetof(struct alp_config, items), ALP_NAME_MAX },
	{ "id", offsetof(struct alp_config, id), ALP_NAME_MAX },
	{ "reference", offsetof(struct alp_config, reference), ALP_NAME_MAX },
	{ "status", offsetof(struct alp_config, status), ALP_NAME_MAX },
};

#define N_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))
#define N_WORDS (sizeof(words) / sizeof(words[0]))

void
alp_config_default(struct alp_config *c)
{
	*c = (struct alp_config){ .key = "alp-sandbox-key", .page_size = 100, .id = "id", .reference = "reference", .status = "status",
		.honours_key = 1, .lists_entries = 1, .etags = 1, .matters = 2000 };
}

static void *
member(struct alp_config *c, size_t at)
{
	return (char *)c + at;
}

static const char *
set_paging(struct alp_config *c, const char *value)
{
	size_t i;

	for (i = 0; i < N_PAGINGS; i++) {
		if (strcmp(pagings[i], value) == 0) {
			c->paging = (enum alp_paging)i;
			return NULL;
		}
	}
	return "paging: none, link, page or offset";
}

static const char *
set_one(struct alp_config *c, const struct param *p)
{
	int64_t n;
	size_t i;

	if (strcmp(p->name, "paging") == 0)
		return set_paging(c, p->value);
	for (i = 0; i < N_NUMBERS; i++) {
		if (strcmp(numbers[i].name, p->name) != 0)
			continue;
		if (parse_int(p->value, numbers[i].lo, numbers[i].hi, &n) < 0)
			return "a number that is none, or out of range";
		memcpy(member(c, numbers[i].at), &n, sizeof(n));
		return NULL;
	}
	for (i = 0; i < N_WORDS; i++) {
		if (strcmp(words[i].name, p->name) != 0)
			continue;
		if (strlen(p->value) >= words[i].size)
			return "a name that is too long";
		snprintf(member(c, words[i].at), words[i].size, "%s", p->value);
		return NULL;
	}
	return "no such name";
}

int
alp_config_set(struct alp_config *c, const struct params *p, const char **ret_why)
{
	struct alp_config next = *c;
	size_t i;

	for (i = 0; i < p->count; i++) {
		const char *why = set_one(&next, &p->list[i]);

		if (why) {
			*ret_why = why;
			return -EINVAL;
		}
	}
	*c = next;
	return 0;
}

int
alp_config_set_line(struct alp_config *c, const char *line, const char **ret_why)
{
	struct params p = { .count = 0 };
	int r;

	params_parse(&p, line, strlen(line));
	r = alp_config_set(c, &p, ret_why);
	params_release(&p);
	return r;
}

void
alp_config_write(const struct alp_config *c, struct buf *out)
{
	size_t i;

	buf_printf(out, "paging\t%s\n", pagings[c->paging]);
	for (i = 0; i < N_NUMBERS; i++) {
		int64_t n;

		memcpy(&n, (const char *)c + numbers[i].at, sizeof(n));
		buf_printf(out, "%s\t%" PRId64 "\n", numbers[i].name, n);
	}
	for (i = 0; i < N_WORDS; i++)
		buf_printf(out, "%s\t%s\n", words[i].name, (const char *)c + words[i].at);
}
