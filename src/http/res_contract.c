/* SPDX-License-Identifier: Apache-2.0 */
#include "http/answer.h"
#include "http/openapi.h"
#include "http/resources.h"
#include "http/server_internal.h"

struct ready_answer *
contract_make(const char *version)
{
	struct json j = JSON_INIT;
	struct ready_answer *a;
	size_t len = 0;
	char *text;

	openapi_render(&j, version);
	text = buf_take(&j.b, &len);
	a = answer_new(200, "application/json", text, len);
	answer_add_header(a, "Cache-Control", "no-cache");
	answer_tag_bytes(a);
	answer_pack(a);
	return a;
}

void
contract_get(struct http_request *r)
{
	reply_answer(r, r->server->contract);
}
