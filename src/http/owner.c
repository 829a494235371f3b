/* SPDX-License-Identifier: Apache-2.0 */
/* The user on whose behalf one job or one entry is asked for: what is not that user's does not exist then. */
#include "http/resources.h"

static const struct field owner_fields[] = {
    {.name = "alp_user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX, .summary = "only if it is this user's"},
};
const struct schema schema_owner = {"Owner", NULL, owner_fields, ELEMENTSOF(owner_fields)};

int64_t
request_owner(const struct http_request *r)
{
	return r->query.v[0].state == VALUE_SET ? r->query.v[0].number : 0;
}
