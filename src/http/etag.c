/* SPDX-License-Identifier: Apache-2.0 */
#include "http/etag.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

void
etag_entry(int64_t entry_id, int64_t revision, char ret_tag[ETAG_MAX])
{
	snprintf(ret_tag, ETAG_MAX, "\"e%" PRId64 "-%" PRId64 "\"", entry_id, revision);
}

void
etag_bytes(struct str bytes, char ret_tag[ETAG_MAX])
{
	/* No secret and not against forgers: a user could only fool himself. It must be quick and tell any two documents apart. */
	static const unsigned char key[crypto_shorthash_siphashx24_KEYBYTES] = "rtalpd's tags";
	unsigned char hash[crypto_shorthash_siphashx24_BYTES];
	char hex[2 * sizeof hash + 1];

	crypto_shorthash_siphashx24(hash, (const unsigned char *)bytes.p, bytes.len, key);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	snprintf(ret_tag, ETAG_MAX, "\"l%s\"", hex);
}

void
etag_entry_beside(int64_t entry_id, int64_t revision, struct str beside, char ret_tag[ETAG_MAX])
{
	char hash[ETAG_MAX];

	etag_bytes(beside, hash); /* "l<hexadecimal>" */
	snprintf(ret_tag, ETAG_MAX, "\"e%" PRId64 "-%" PRId64 "-s%.8s\"", entry_id, revision, hash + 2);
}

/* The next tag of a header's list, with its quotes; empty at the end. `W/` is cut off and told. */
static struct str
next_tag(struct str *rest, bool *ret_weak)
{
	const char *close;
	struct str tag;

	while (rest->len > 0 && strchr(" \t,", rest->p[0]) != NULL)
		*rest = (struct str){rest->p + 1, rest->len - 1};
	*ret_weak = str_starts(*rest, STR("W/"));
	if (*ret_weak)
		*rest = (struct str){rest->p + 2, rest->len - 2};
	if (rest->len < 2 || rest->p[0] != '"' || (close = memchr(rest->p + 1, '"', rest->len - 1)) == NULL) {
		tag = str_eq(*rest, STR("*")) ? *rest : STR_NONE;
		*rest = STR_NONE;
		return tag;
	}
	tag = (struct str){rest->p, (size_t)(close - rest->p) + 1};
	*rest = (struct str){rest->p + tag.len, rest->len - tag.len};
	return tag;
}

bool
etag_none_match(struct str header, const char *tag)
{
	struct str one;
	bool weak;

	while ((one = next_tag(&header, &weak)).len > 0)
		if (str_eq(one, STR("*")) || str_eq(one, str_of(tag)))
			return true;
	return false;
}

static struct str
without_end(struct str s, struct str end)
{
	if (s.len >= end.len && memcmp(s.p + s.len - end.len, end.p, end.len) == 0)
		s.len -= end.len;
	return s;
}

/* What etag_entry_beside() adds is no part of the entry. */
static struct str
without_beside(struct str s)
{
	const size_t len = 2 + 8;

	return s.len > len && s.p[s.len - len] == '-' && s.p[s.len - len + 1] == 's' ? (struct str){s.p, s.len - len} : s;
}

int
etag_if_match(struct str header, int64_t entry_id, int64_t *ret_revision)
{
	char prefix[32], tag[ETAG_MAX];
	int64_t revision;
	struct str one;
	bool weak;

	snprintf(prefix, sizeof prefix, "\"e%" PRId64 "-", entry_id);
	while ((one = next_tag(&header, &weak)).len > 0) {
		struct str number;

		if (str_eq(one, STR("*"))) {
			*ret_revision = 0;
			return 0;
		}
		if (weak || one.len <= strlen(prefix) + 1 || !str_starts(one, str_of(prefix)))
			continue;
		/* Either form of what was read may be named. */
		number = without_end((struct str){one.p + strlen(prefix), one.len - strlen(prefix)}, STR("\""));
		number = without_beside(without_end(number, STR("-gz")));
		if (str_to_i64(number, 1, INT64_MAX, &revision) < 0)
			continue;
		etag_entry(entry_id, revision, tag);
		/* "e5-07" is no tag of ours. */
		if (number.len != strlen(tag) - strlen(prefix) - 1)
			continue;
		*ret_revision = revision;
		return 0;
	}
	return -ESTALE;
}

void
etag_user(int64_t alp_user_id, int64_t updated_ms, struct str bytes, char ret_tag[ETAG_MAX])
{
	unsigned char hash[crypto_generichash_BYTES_MIN];
	char hex[2 * 6 + 1];

	crypto_generichash(hash, sizeof hash, (const unsigned char *)bytes.p, bytes.len, NULL, 0);
	sodium_bin2hex(hex, sizeof hex, hash, 6);
	snprintf(ret_tag, ETAG_MAX, "\"u%" PRId64 "-%" PRId64 "-%s\"", alp_user_id, updated_ms, hex);
}

int
etag_user_if_match(struct str header, int64_t alp_user_id, int64_t *ret_updated_ms)
{
	char prefix[32];
	int64_t updated_ms;
	struct str one;
	bool weak;

	snprintf(prefix, sizeof prefix, "\"u%" PRId64 "-", alp_user_id);
	while ((one = next_tag(&header, &weak)).len > 0) {
		struct str number;
		const char *end;

		if (str_eq(one, STR("*"))) {
			*ret_updated_ms = -1;
			return 0;
		}
		if (weak || !str_starts(one, str_of(prefix)))
			continue;
		number = (struct str){one.p + strlen(prefix), one.len - strlen(prefix)};
		end = memchr(number.p, '-', number.len);
		number.len = end != NULL ? (size_t)(end - number.p) : 0;
		if (str_to_i64(number, 0, INT64_MAX, &updated_ms) < 0)
			continue;
		*ret_updated_ms = updated_ms;
		return 0;
	}
	return -ESTALE;
}
