/* SPDX-License-Identifier: Apache-2.0 */
#include "alp_lists.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "alp_config.h"
#include "generate.h"
#include "render.h"
#include "titles.h"

#define FIRST_MATTER 1000
#define OUTCOMES 3
#define COMPONENTS 4
#define CLOSED_EVERY 50
#define GST_TYPES 5
#define CODES 100000

struct alp_lists {
	size_t n_matters;
	uint32_t n_users;
	char id[ALP_NAME_MAX];
	struct alp_items matters, users, gst_types;
};

void
alp_items_release(struct alp_items *items)
{
	buf_release(&items->text);
	free(items->starts);
	*items = (struct alp_items){ .count = 0 };
}

static void
note_start(struct alp_items *items)
{
	items->starts = xgrow(items->starts, &items->cap, items->count, sizeof(*items->starts));
	items->starts[items->count] = items->text.len;
}

void
alp_items_begin(struct alp_items *items)
{
	if (items->count)
		buf_putc(&items->text, ',');
	note_start(items);
	items->count++;
}

void
alp_items_end(struct alp_items *items)
{
	buf_putc(&items->text, ',');
	note_start(items);
}

struct text
alp_item(const struct alp_items *items, size_t i)
{
	return (struct text){ items->text.data + items->starts[i], items->starts[i + 1] - items->starts[i] - 1 };
}

static bool
is_closed(int64_t matter)
{
	return (matter - FIRST_MATTER) % CLOSED_EVERY == CLOSED_EVERY - 1;
}

static void
add_matter(struct alp_lists *lists, size_t i, uint32_t code, uint64_t seed)
{
	static const char *const clients[] = { "Ashdown & Sons Pty Ltd", "Birrarung Holdings", "Caf\xc3\xa9 Lumi\xc3\xa8re Pty Ltd",
		"Estate of M. Dimitriou", "Ferrous Quarries Ltd", "Gellibrand Council", "Hon. R. \"Bob\" Hawthorn", "Illawarra Shipping" };
	static const char *const works[] = { "Lease of premises", "Share sale agreement", "Contract dispute", "Probate",
		"Restraint of trade", "Planning appeal", "Purchase of land", "Employment claim" };
	struct alp_items *items = &lists->matters;
	struct rng rng = { .state = seed ^ ((uint64_t)i << 20) };
	const uint32_t c = rng_below(&rng, 8);
	const char *client = clients[c], *work = works[rng_below(&rng, 8)];
	int64_t id = FIRST_MATTER + (int64_t)i;
	struct buf name = { 0 };

	buf_printf(&name, "%s (%u)", work, (unsigned)(rng_below(&rng, 90) + 10));
	alp_items_begin(items);
	buf_printf(&items->text, "{\"%s\":%" PRId64 ",\"code\":\"%05u\",\"name\":", lists->id, id, code);
	render_json_text(&items->text, (struct text){ name.data, name.len }, ESCAPE_RAW, false);
	buf_printf(&items->text, ",\"client\":{\"%s\":%u,\"name\":", lists->id, (unsigned)c + 1);
	render_json_text(&items->text, text_of(client), ESCAPE_RAW, false);
	buf_printf(&items->text, "},\"status\":\"%s\"", is_closed(id) ? "closed" : "open");
	/* Here and there what nobody expects. */
	buf_puts(&items->text, i % 20 ? "}" : ",\"x\":{\"y\":[1,2.50,null]}}");
	buf_release(&name);
}

/* The codes of the accounts' titles first, one after the other, then whatever is left. */
static void
build_matters(struct alp_lists *lists, uint64_t seed)
{
	uint32_t of_account[MATTERS_OF_AN_ACCOUNT], user, code = 10000;
	bool *taken = xcalloc(CODES, sizeof(*taken));
	size_t n = 0, i;

	for (user = 1; user <= lists->n_users && n < lists->n_matters / 2; user++) {
		matters_of(account_seed(seed, user), of_account);
		for (i = 0; i < MATTERS_OF_AN_ACCOUNT && n < lists->n_matters; i++) {
			if (taken[of_account[i] % CODES])
				continue;
			taken[of_account[i] % CODES] = true;
			add_matter(lists, n++, of_account[i] % CODES, seed);
		}
	}
	while (n < lists->n_matters) {
		code = (code + 1) % CODES;
		if (taken[code])
			continue;
		taken[code] = true;
		add_matter(lists, n++, code, seed);
	}
	alp_items_end(&lists->matters);
	free(taken);
}

static void
build_users(struct alp_lists *lists)
{
	uint32_t i;

	for (i = 1; i <= lists->n_users; i++) {
		alp_items_begin(&lists->users);
		buf_printf(&lists->users.text, "{\"%s\":%u,\"name\":\"User %u\",\"email\":\"user%u@firm.test\",\"active\":true}", lists->id, i, i,
		           i);
	}
	alp_items_end(&lists->users);
}

static void
build_gst_types(struct alp_lists *lists)
{
	static const char *const rows[GST_TYPES][2] = { { "OUTPUT", "GST on income" }, { "EXEMPTOUTPUT", "GST-free income" },
		{ "EXEMPTEXPORT", "GST-free export" }, { "INPUTTAXED", "Input taxed" }, { "BASEXCLUDED", "BAS excluded" } };
	int i;

	for (i = 0; i < GST_TYPES; i++) {
		alp_items_begin(&lists->gst_types);
		buf_printf(&lists->gst_types.text, "{\"%s\":%d,\"code\":\"%s\",\"name\":\"%s\",\"rate\":%s}", lists->id, i + 1, rows[i][0], rows[i][1],
		           i ? "0.0" : "0.1");
	}
	alp_items_end(&lists->gst_types);
}

struct alp_lists *
alp_lists_new(uint64_t seed, size_t matters, uint32_t users, const char *id)
{
	struct alp_lists *lists = xcalloc(1, sizeof(*lists));

	/* There are only so many codes of five digits. */
	lists->n_matters = matters < CODES - 1 ? matters : CODES - 1;
	lists->n_users = users;
	snprintf(lists->id, sizeof(lists->id), "%s", id);
	build_matters(lists, seed);
	build_users(lists);
	build_gst_types(lists);
	return lists;
}

struct alp_lists *
alp_lists_free(struct alp_lists *lists)
{
	if (!lists)
		return NULL;
	alp_items_release(&lists->matters);
	alp_items_release(&lists->users);
	alp_items_release(&lists->gst_types);
	free(lists);
	return NULL;
}

const struct alp_items *
alp_matters(const struct alp_lists *lists)
{
	return &lists->matters;
}

const struct alp_items *
alp_users(const struct alp_lists *lists)
{
	return &lists->users;
}

const struct alp_items *
alp_gst_types(const struct alp_lists *lists)
{
	return &lists->gst_types;
}

static bool
has_matter(const struct alp_lists *lists, int64_t matter)
{
	return matter >= FIRST_MATTER && matter < FIRST_MATTER + (int64_t)lists->n_matters;
}

static bool
has_outcome(const struct alp_lists *lists, int64_t outcome)
{
	return has_matter(lists, outcome / 10) && outcome % 10 >= 1 && outcome % 10 <= OUTCOMES;
}

bool
alp_outcomes(const struct alp_lists *lists, int64_t matter, struct alp_items *ret)
{
	static const char *const names[OUTCOMES] = { "Advice", "Documents", "Court" };
	int64_t i;

	if (!has_matter(lists, matter))
		return false;
	*ret = (struct alp_items){ .count = 0 };
	for (i = 0; i < OUTCOMES; i++) {
		alp_items_begin(ret);
		buf_printf(&ret->text, "{\"%s\":%" PRId64 ",\"matter_id\":%" PRId64 ",\"name\":\"%s\",\"status\":\"open\"}", lists->id, matter * 10 + i + 1,
		           matter, names[i]);
	}
	alp_items_end(ret);
	return true;
}

bool
alp_components(const struct alp_lists *lists, int64_t outcome, struct alp_items *ret)
{
	static const char *const names[COMPONENTS] = { "Perusing", "Drafting", "Attending", "Telephone" };
	int64_t i;

	if (!has_outcome(lists, outcome))
		return false;
	*ret = (struct alp_items){ .count = 0 };
	for (i = 0; i < COMPONENTS; i++) {
		alp_items_begin(ret);
		buf_printf(&ret->text, "{\"%s\":%" PRId64 ",\"outcome_id\":%" PRId64 ",\"matter_id\":%" PRId64 ",\"name\":\"%s\",\"rate\":%d}",
		           lists->id, outcome * 10 + i + 1, outcome, outcome / 10, names[i], 35000);
	}
	alp_items_end(ret);
	return true;
}

bool
alp_has_user(const struct alp_lists *lists, int64_t user)
{
	return user >= 1 && user <= (int64_t)lists->n_users;
}

bool
alp_has_gst_type(const struct alp_lists *lists, int64_t gst_type)
{
	(void)lists;
	return gst_type >= 1 && gst_type <= GST_TYPES;
}

bool
alp_has_component(const struct alp_lists *lists, int64_t component)
{
	return has_outcome(lists, component / 10) && component % 10 >= 1 && component % 10 <= COMPONENTS;
}

bool
alp_is_open(const struct alp_lists *lists, int64_t component)
{
	return alp_has_component(lists, component) && !is_closed(component / 100);
}
