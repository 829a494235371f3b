/* SPDX-License-Identifier: Apache-2.0 */
/* render_check.h - the result of a rules check as it is kept and sent. */
#ifndef RTALP_HTTP_RENDER_CHECK_H
#define RTALP_HTTP_RENDER_CHECK_H

#include "app/rules_check.h"
#include "http/json.h"

void render_check(struct json *j, const struct check_result *c);

#endif
