/* SPDX-License-Identifier: Apache-2.0 */
#include "app/token_book.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct page {
	struct token_holder holder;
	int64_t expires_ms;
	bool revoked;
	bool used;            /* since the last take */
	int64_t last_used_ms;
	unsigned char hash[TOKEN_HASH_BYTES];
};

struct token_book {
	struct page *pages;
	size_t count, capacity;
};

struct token_book *
token_book_new(void)
{
	return xcalloc(1, sizeof(struct token_book));
}

struct token_book *
token_book_free(struct token_book *b)
{
	if (b == NULL)
		return NULL;
	free(b->pages);
	free(b);
	return NULL;
}

size_t
token_book_count(const struct token_book *b)
{
	return b->count;
}

/* Where it is, or where it would stand. */
static size_t
place_of(const struct token_book *b, int64_t token_id)
{
	size_t low = 0, high = b->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b->pages[middle].holder.token_id < token_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct page *
find(const struct token_book *b, int64_t token_id)
{
	size_t i = place_of(b, token_id);

	return i < b->count && b->pages[i].holder.token_id == token_id ? &b->pages[i] : NULL;
}

static struct page *
insert(struct token_book *b, int64_t token_id)
{
	size_t i = place_of(b, token_id);

	if (b->count == b->capacity) {
		b->capacity = b->capacity > 0 ? b->capacity * 2 : 16;
		b->pages = xreallocarray(b->pages, b->capacity, sizeof *b->pages);
	}
	memmove(&b->pages[i + 1], &b->pages[i], (b->count - i) * sizeof *b->pages);
	b->count++;
	return &b->pages[i];
}

void
token_book_put(struct token_book *b, const struct token_row *token)
{
	struct page *p = find(b, token->token_id);

	if (p == NULL)
		p = insert(b, token->token_id);
	*p = (struct page){
	    .holder = {token->token_id, token->scope, token->alp_user_id, token->read_only},
	    .expires_ms = token->expires_ms,
	    .revoked = token->revoked_ms != 0,
	    .last_used_ms = token->last_used_ms,
	};
	memcpy(p->hash, token->hash, sizeof p->hash);
}

void
token_book_revoke(struct token_book *b, int64_t token_id)
{
	struct page *p = find(b, token_id);

	if (p != NULL)
		p->revoked = true;
}

/* Whether there is such an id is no secret, but it need not be told by the time either. */
static bool
secret_is_of(const struct page *p, const unsigned char secret[TOKEN_SECRET_BYTES])
{
	static const unsigned char nobody[TOKEN_HASH_BYTES];
	unsigned char hash[TOKEN_HASH_BYTES];
	bool same;

	token_hash(secret, hash);
	same = sodium_memcmp(hash, p != NULL ? p->hash : nobody, sizeof hash) == 0;
	return same && p != NULL;
}

static bool
is_dead(const struct page *p, int64_t now_ms)
{
	return p->revoked || (p->expires_ms != 0 && p->expires_ms <= now_ms);
}

bool
token_book_alive(const struct token_book *b, int64_t token_id, int64_t now_ms)
{
	const struct page *p = find(b, token_id);

	return p != NULL && !is_dead(p, now_ms);
}

enum token_verdict
token_book_check(struct token_book *b, struct str text, int64_t now_ms, struct token_holder *ret_holder)
{
	unsigned char secret[TOKEN_SECRET_BYTES];
	int64_t token_id;
	struct page *p;
	bool right;

	if (token_text_parse(text, &token_id, secret) < 0)
		return TOKEN_WRONG;
	p = find(b, token_id);
	right = secret_is_of(p, secret);
	secret_wipe(secret, sizeof secret);
	if (!right)
		return TOKEN_WRONG;
	if (is_dead(p, now_ms))
		return TOKEN_DEAD;
	p->used = true;
	p->last_used_ms = MAX_OF(p->last_used_ms, now_ms);
	*ret_holder = p->holder;
	return TOKEN_GOOD;
}

int64_t
token_book_last_used_ms(const struct token_book *b, int64_t token_id)
{
	const struct page *p = find(b, token_id);

	return p != NULL ? p->last_used_ms : 0;
}

struct token_use *
token_book_take_uses(struct token_book *b, size_t *ret_count)
{
	struct token_use *uses = NULL;
	size_t count = 0;

	for (size_t i = 0; i < b->count; i++)
		count += b->pages[i].used;
	*ret_count = count;
	if (count == 0)
		return NULL;
	uses = xcalloc(count, sizeof *uses);
	for (size_t i = 0, n = 0; i < b->count; i++) {
		if (!b->pages[i].used)
			continue;
		uses[n++] = (struct token_use){b->pages[i].holder.token_id, b->pages[i].last_used_ms};
		b->pages[i].used = false;
	}
	return uses;
}

void
token_book_untake_uses(struct token_book *b, const struct token_use *uses, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct page *p = find(b, uses[i].token_id);

		if (p != NULL)
			p->used = true;
	}
}
