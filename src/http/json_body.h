/* SPDX-License-Identifier: Apache-2.0 */
/* json_body.h - how much JSON a request may be (base/json_check.h). Pure; any thread. */
#ifndef RTALP_HTTP_JSON_BODY_H
#define RTALP_HTTP_JSON_BODY_H

#include "base/json_check.h"

#define JSON_BODY_DEPTH_MAX 16

static inline int
json_body_check(struct str text, size_t *ret_position)
{
	static const struct json_limits limits = {.depth = JSON_BODY_DEPTH_MAX, .members = JSON_MEMBERS_MAX};

	return json_check(text, &limits, ret_position);
}

#endif
