/* SPDX-License-Identifier: Apache-2.0 */
#include "titles.h"

#include <stdlib.h>

#include "alloc.h"
#include "calendar.h"

#define MATTERS_OF_A_DAY 6
#define MATTER_CODE_FIRST 10000
#define MATTER_CODES 30000

struct form {
	enum title_role role;
	const char *activity, *category;
	int8_t productivity;
	const char *text;
};

static const struct form forms[] = {
#define TITLE(role, activity, category, productivity, text) { role, activity, category, productivity, text },
#include "titles.def"
#undef TITLE
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

static const char *const clients[] = {
	"Nguyen", "O'Brien", "Smith & Sons", "Harbour Holdings Pty Ltd", "Papadopoulos", "M\xc3\xbcller", "\xe7\x8e\x8b Wang",
	"Estate of the late J. Whitcombe", "Kaur", "Blue Gum \"Organic\" Co-op", "De Souza, Maria", "Ferreira",
};
static const char *const kinds[] = {
	"Affidavit", "Deed of Settlement", "Costs Agreement", "Statement of Claim", "Lease Review", "Advice", "Chronology",
	"Consent Orders", "Subpoena", "Contract of Sale", "Shareholders Agreement", "File Note", "Brief",
};
static const char *const people[] = { "priya", "tom.hale", "jane.wu", "andrew", "s.kelly", "marta" };

#define PICK(rng, list) list[rng_below(rng, sizeof(list) / sizeof((list)[0]))]

static const char long_text[] =
	"Whether an equitable lien over the proceeds of sale survives the assignment of the underlying chose in action where "
	"notice was given only after completion and the assignee had constructive knowledge of the earlier retainer, and "
	"what that means for the distribution of the fund held on trust pending judgment";

struct writer {
	struct day *day;
	struct rng *rng;
	uint32_t matters[MATTERS_OF_A_DAY];
	uint32_t matter; /* of the title being written */
	int32_t date;
	struct buf out;
	uint64_t *seen; /* open-addressed set of hashes (never 0), so that no pair comes twice */
	size_t seen_size;
};

static void
write_hex(struct writer *w)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t v = rng_next(w->rng);
	int i;

	for (i = 0; i < 16; i++)
		buf_putc(&w->out, digits[(v >> (4 * i)) & 15]);
}

static void
write_field(struct writer *w, char field)
{
	char date[DATE_LEN + 1];

	switch (field) {
	case 'm':
		buf_int(&w->out, w->matter);
		break;
	case 'c':
		/* A matter has one client, whatever the title looks like. */
		buf_puts(&w->out, clients[w->matter % (sizeof(clients) / sizeof(clients[0]))]);
		break;
	case 't':
		buf_puts(&w->out, PICK(w->rng, kinds));
		break;
	case 'p':
		buf_puts(&w->out, PICK(w->rng, people));
		break;
	case 'n':
		buf_int(&w->out, rng_range(w->rng, 1, 60));
		break;
	case 'y':
		date_format(w->date - rng_range(w->rng, 0, 40), date);
		buf_puts(&w->out, date);
		break;
	case 'h':
		write_hex(w);
		break;
	case 'l':
		buf_puts(&w->out, long_text);
		break;
	default:
		buf_putc(&w->out, field);
	}
}

static void
cut_title(struct buf *b)
{
	size_t i, chars = 0;

	if (b->len <= TITLE_MAX_CHARS)
		return;
	for (i = 0; i < b->len; i++) {
		if (((unsigned char)b->data[i] & 0xc0) == 0x80)
			continue;
		if (chars++ == TITLE_MAX_CHARS) {
			b->len = i;
			return;
		}
	}
}

static struct text
write_title(struct writer *w, const char *form)
{
	const char *p = form;

	w->out.len = 0;
	w->matter = PICK(w->rng, w->matters);
	while (*p) {
		const char *brace = strchr(p, '{');

		if (!brace) {
			buf_puts(&w->out, p);
			break;
		}
		buf_add(&w->out, p, (size_t)(brace - p));
		write_field(w, brace[1]);
		p = brace + 3;
	}
	cut_title(&w->out);
	return day_text(w->day, w->out.data, w->out.len);
}

static uint64_t
pair_hash(const struct pair *p)
{
	uint64_t h = UINT64_C(14695981039346656037);
	size_t i;

	for (i = 0; i < p->document.n; i++)
		h = (h ^ (unsigned char)p->document.s[i]) * UINT64_C(1099511628211);
	for (i = 0; i < p->activity.n; i++)
		h = (h ^ (unsigned char)p->activity.s[i]) * UINT64_C(1099511628211);
	return rng_mix(h);
}

static bool
seen_before(struct writer *w, const struct pair *p)
{
	uint64_t h = pair_hash(p) | 1;
	size_t at = (size_t)(h >> 8) & (w->seen_size - 1);

	for (; w->seen[at]; at = (at + 1) & (w->seen_size - 1))
		if (w->seen[at] == h)
			return true;
	w->seen[at] = h;
	return false;
}

static void
pool_add(struct pool *pool, struct writer *w, enum title_role role, const struct pair *p)
{
	if (seen_before(w, p))
		return;
	pool->pairs[role] = xgrow(pool->pairs[role], &pool->cap[role], pool->count[role], sizeof(*p));
	pool->pairs[role][pool->count[role]++] = *p;
}

static void
add_form(struct pool *pool, struct writer *w, const struct form *f)
{
	struct pair p = { text_of(f->activity), write_title(w, f->text), text_of(f->category), f->productivity };

	pool_add(pool, w, f->role, &p);
	/* Now and then the same title shows up under a second activity, as an app and the site inside it do. */
	if (f->role == FOCUS && rng_chance(w->rng, 6)) {
		p.activity = text_of("Google Chrome");
		p.category = text_of("Browsers");
		p.productivity = 0;
		pool_add(pool, w, f->role, &p);
	}
}

void
matters_of(uint64_t account_seed, uint32_t out[MATTERS_OF_AN_ACCOUNT])
{
	uint32_t i;

	for (i = 0; i < MATTERS_OF_AN_ACCOUNT; i++) {
		struct rng of_account = { account_seed + i };

		out[i] = MATTER_CODE_FIRST + rng_below(&of_account, MATTER_CODES);
	}
}

static void
choose_matters(struct writer *w, uint64_t account_seed)
{
	uint32_t all[MATTERS_OF_AN_ACCOUNT];
	size_t i;

	matters_of(account_seed, all);
	for (i = 0; i < MATTERS_OF_A_DAY; i++)
		w->matters[i] = PICK(w->rng, all);
}

void
pool_fill(struct pool *pool, struct day *day, struct rng *rng, uint64_t account_seed, int32_t date, size_t wanted)
{
	struct writer w = { .day = day, .rng = rng, .date = date, .seen_size = 256 };
	size_t i, attempts;

	while (w.seen_size < wanted * 8)
		w.seen_size *= 2;
	w.seen = xcalloc(w.seen_size, sizeof(*w.seen));
	choose_matters(&w, account_seed);
	for (i = 0; i < FORMS; i++)
		add_form(pool, &w, &forms[i]);
	for (attempts = 0; pool->count[FOCUS] + pool->count[GLANCE] < wanted && attempts < wanted * 2; attempts++)
		add_form(pool, &w, &forms[rng_below(rng, FORMS)]);
	free(w.seen);
	buf_release(&w.out);
}

void
pool_release(struct pool *pool)
{
	int i;

	for (i = 0; i < TITLE_ROLES; i++)
		free(pool->pairs[i]);
	*pool = (struct pool){ 0 };
}
