/* SPDX-License-Identifier: Apache-2.0 */
/* problem.h - what a client is told when something is wrong: RFC 9457, with a stable code, the request's id, and every wrong field.
 *
 * Nothing in it comes from inside: no errno, no path of a file, no value that a client sent (there may be a key in it).
 */
#ifndef RTALP_HTTP_PROBLEM_H
#define RTALP_HTTP_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "http/json.h"

#define REQUEST_ID_MAX 65

/* A fresh one. Threads: the loop's. */
void request_id_make(char ret_id[REQUEST_ID_MAX]);
/* May a client's own be used? [A-Za-z0-9._-], 1 to 64 of them. */
bool request_id_valid(const char *id);

const char *status_phrase(int status);

#define FIELD_ERRORS_MAX 100

struct field_error {
	const char *where; /* "body", "query", "path", "header"; static */
	const char *within; /* the member whose member it is; NULL: none; static */
	char *field;       /* NULL: all of it */
	const char *type;  /* machine-readable, static */
	char *message;
};

struct field_errors {
	struct field_error *rows; /* at most FIELD_ERRORS_MAX; more are not recorded */
	size_t count;
	const char *within; /* of the errors that are added next */
};
void field_error_add(struct field_errors *e, const char *where, const char *field, const char *type, const char *format, ...)
    _printf_(5, 6);
/* A name that no field has. It is whatever the client sent, perhaps a key in the wrong place, so only the beginning of a long one is
 * repeated. */
void field_error_add_unknown(struct field_errors *e, const char *where, const char *name);
void field_errors_release(struct field_errors *e);

struct problem {
	int status;
	const char *code;
	const char *detail;     /* for people; NULL: none */
	const char *instance;   /* the path asked for; NULL: none */
	const char *request_id;
	const struct field_errors *errors; /* NULL: none */
	const char *more;       /* the name of one member more; NULL: none */
	const char *more_json;
};
void problem_render(const struct problem *p, struct json *j);

#endif
