/* SPDX-License-Identifier: Apache-2.0 */
/* json.h - JSON going out: written as it is walked, with no tree in between.
 *
 *     json_open(&j, NULL, '{');  json_int(&j, "job_id", 7);  json_close(&j, '}');
 *
 * A name of NULL is for an element of an array, or the top. Text must be UTF-8; what JSON must escape is escaped.
 * Commas are the writer's business. The buffer's sticky error (-E2BIG) says if a document became too large.
 */
#ifndef RTALP_BASE_JSON_H
#define RTALP_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/day.h"

#define JSON_OUT_MAX ((size_t)64 * 1024 * 1024)

struct json {
	struct buf b;
	bool comma; /* one is due before the next value */
};
#define JSON_INIT ((struct json){.b = BUF_INIT(JSON_OUT_MAX)})

void json_open(struct json *j, const char *name, char bracket);
void json_close(struct json *j, char bracket);
void json_null(struct json *j, const char *name);
void json_boolean(struct json *j, const char *name, bool v);
void json_int(struct json *j, const char *name, int64_t v);
void json_text(struct json *j, const char *name, const char *text); /* NULL: null */
void json_str(struct json *j, const char *name, struct str text);
void json_raw(struct json *j, const char *name, const char *value);  /* JSON already, and ours */
void json_tenths(struct json *j, const char *name, int64_t tenths);  /* 28: 2.8 */
void json_instant(struct json *j, const char *name, int64_t real_ms); /* 0: null */
void json_day(struct json *j, const char *name, day_t day);           /* -1: null */

#endif
