/* SPDX-License-Identifier: Apache-2.0 */
#include "forms.h"

#include <string.h>

#include <event2/buffer.h>

void
forms_read(struct evhttp_request *req, struct params *ret)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
	const char *query = uri ? evhttp_uri_get_query(uri) : NULL;
	struct evbuffer *body = evhttp_request_get_input_buffer(req);
	size_t n = evbuffer_get_length(body);

	params_parse(ret, query, query ? strlen(query) : 0);
	if (evhttp_request_get_command(req) == EVHTTP_REQ_POST && n)
		params_parse(ret, (const char *)evbuffer_pullup(body, -1), n);
}
