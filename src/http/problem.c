/* SPDX-License-Identifier: Apache-2.0 */
#include "http/problem.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macro.h"

void
request_id_make(char ret_id[REQUEST_ID_MAX])
{
	/* Fetched many at a time: a system call each is a good part of what a small request costs. The loop's only. */
	static unsigned char random[64][12];
	static size_t left;

	if (left == 0) {
		randombytes_buf(random, sizeof random);
		left = ELEMENTSOF(random);
	}
	left--;
	sodium_bin2hex(ret_id, REQUEST_ID_MAX, random[left], sizeof random[left]);
}

bool
request_id_valid(const char *id)
{
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return len > 0 && len < REQUEST_ID_MAX && id[len] == '\0';
}

const char *
status_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
	    {200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"}, {207, "Multi-Status"}, {304, "Not Modified"}, {307, "Temporary Redirect"},
	    {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
	    {406, "Not Acceptable"},
	    {408, "Request Timeout"}, {409, "Conflict"}, {412, "Precondition Failed"}, {413, "Content Too Large"},
	    {414, "URI Too Long"}, {415, "Unsupported Media Type"}, {417, "Expectation Failed"},
	    {422, "Unprocessable Content"}, {429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"}, {501, "Not Implemented"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
	    {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"}, {507, "Insufficient Storage"},
	};

	for (size_t i = 0; i < ELEMENTSOF(phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Unknown";
}

#define NAME_SHOWN_MAX 32

void
field_error_add(struct field_errors *e, const char *where, const char *field, const char *type, const char *format, ...)
{
	char text[512];
	va_list ap;

	if (e->count == FIELD_ERRORS_MAX)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	e->rows = xreallocarray(e->rows, e->count + 1, sizeof *e->rows);
	e->rows[e->count++] = (struct field_error){
	    .where = where,
	    .within = e->within,
	    .field = field != NULL ? xstrndup(field, 128) : NULL,
	    .type = type,
	    .message = xstrdup(text),
	};
}

void
field_error_add_unknown(struct field_errors *e, const char *where, const char *name)
{
	struct str shown = {.p = name, .len = strlen(name)};
	char text[NAME_SHOWN_MAX * 4 + 4];

	/* No field of ours is as long. Cut at a character's border. */
	if (shown.len > NAME_SHOWN_MAX) {
		shown.len = NAME_SHOWN_MAX / 2;
		while (shown.len > 0 && ((unsigned char)shown.p[shown.len] & 0xc0) == 0x80)
			shown.len--;
	}
	snprintf(text, sizeof text, "%.*s%s", STR_ARG(shown), name[shown.len] != '\0' ? "..." : "");
	field_error_add(e, where, text, "unknown_field", "is not known here");
}

void
field_errors_release(struct field_errors *e)
{
	for (size_t i = 0; i < e->count; i++) {
		free(e->rows[i].field);
		free(e->rows[i].message);
	}
	free(e->rows);
	*e = (struct field_errors){0};
}

static void
render_errors(const struct field_errors *errors, struct json *j)
{
	json_open(j, "errors", '[');
	for (size_t i = 0; i < errors->count; i++) {
		const struct field_error *e = &errors->rows[i];

		json_open(j, NULL, '{');
		json_open(j, "loc", '[');
		json_text(j, NULL, e->where);
		if (e->within != NULL)
			json_text(j, NULL, e->within);
		if (e->field != NULL)
			json_text(j, NULL, e->field);
		json_close(j, ']');
		json_text(j, "msg", e->message);
		json_text(j, "type", e->type);
		json_close(j, '}');
	}
	json_close(j, ']');
}

void
problem_render(const struct problem *p, struct json *j)
{
	json_open(j, NULL, '{');
	json_text(j, "type", "about:blank");
	json_text(j, "title", status_phrase(p->status));
	json_int(j, "status", p->status);
	json_text(j, "detail", p->detail);
	json_text(j, "instance", p->instance);
	json_text(j, "code", p->code);
	json_text(j, "request_id", p->request_id);
	if (p->errors != NULL)
		render_errors(p->errors, j);
	if (p->more != NULL)
		json_raw(j, p->more, p->more_json);
	json_close(j, '}');
}
