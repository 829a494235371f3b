/* SPDX-License-Identifier: Apache-2.0 */
/* openapi.h - the contract as OpenAPI 3.1, made from the tables that route, check and describe: routes.c, the schemas, shapes.c.
 *
 * What a row of a table says is all there is to say about a route; what every route may answer besides is told by rule
 * (openapi_common.c). A test calls every operation that stands here and holds what comes back against it.
 *
 * Threads: any; nothing is kept.
 */
#ifndef RTALP_HTTP_OPENAPI_H
#define RTALP_HTTP_OPENAPI_H

#include "http/json.h"
#include "http/router.h"

/* The whole document. */
void openapi_render(struct json *j, const char *version);

/* --- between its files --- */

/* openapi_schema.c: schemas of fields and members. */
void openapi_field(struct json *j, const char *name, const struct field *field);
void openapi_body(struct json *j, const struct schema *schema);
void openapi_body_example(struct json *j, const struct schema *schema, bool list);
void openapi_shape(struct json *j, const struct shape *shape);

/* openapi_common.c: problems that many routes may answer with, by rule, and what stands in the headers of requests and answers. */
struct common_problem {
	int status;
	const char *code;
	const char *summary;
	bool (*applies)(const struct route *route);
};
extern const struct common_problem common_problems[];
extern const size_t common_problem_count;
/* Which rows apply to a route and status, as bits by index. */
uint64_t common_problems_of(const struct route *route, int status);
void openapi_common_parameters(struct json *j);
void openapi_common_headers(struct json *j);
/* References to those that a route reads and that an answer has. */
void openapi_header_parameters(struct json *j, const struct route *route);
void openapi_answer_headers(struct json *j, const struct route *route, int status, bool location);
bool route_lists(const struct route *route, const char *query_field);
bool route_answers(const struct route *route, int status);

/* openapi_answer.c: what comes back. */
void openapi_answers(struct json *j, const struct route *route);
/* The components that the answers refer to. */
void openapi_common_answers(struct json *j);

#endif
