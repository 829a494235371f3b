/* SPDX-License-Identifier: Apache-2.0 */
/* setting_check.h - what the text of a setting may be. Each check returns NULL if the value is allowed, else what is allowed, in words that go
 * behind "must be". Pure; any thread. */
#ifndef RTALP_DAEMON_SETTING_CHECK_H
#define RTALP_DAEMON_SETTING_CHECK_H

#include <stdbool.h>
#include <stddef.h>

typedef const char *(*setting_check_fn)(const char *value);

const char *check_listen(const char *value);
/* Two values that check_listen() allows: the same address, perhaps in different spellings? */
bool listen_address_same(const char *a, const char *b);
const char *check_port(const char *value);
const char *check_host(const char *value);
const char *check_origin(const char *value);
const char *check_socket(const char *value);
const char *check_path(const char *value);
const char *check_path_or_none(const char *value);
const char *check_url(const char *value);
const char *check_url_or_none(const char *value);
const char *check_zone(const char *value);
/* Separated by commas. */
const char *check_phrases(const char *value);
/* The name of a member or a parameter. */
const char *check_word(const char *value);
const char *check_word_or_none(const char *value);
/* Below alp.url; the second one with {id} in it. */
const char *check_alp_path(const char *value);
const char *check_alp_path_id(const char *value);

enum cache_backend { CACHE_MEMORY, CACHE_REDIS };

/* Words and what they mean; ended by a NULL word. */
struct setting_choice {
	const char *word;
	int value;
};
extern const struct setting_choice choices_level[], choices_cache[];
const char *check_redis(const char *value);
const char *check_redis_prefix(const char *value);
extern const struct setting_choice choices_yes_no[]; /* 1, 0 */
extern const struct setting_choice choices_tls[];    /* OpenSSL's numbers */
extern const struct setting_choice choices_paging[]; /* enum alp_paging */

#endif
