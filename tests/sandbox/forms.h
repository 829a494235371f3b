/* SPDX-License-Identifier: Apache-2.0 */
/* forms.h - the parameters of a request: its query string, then its body when that is a form. */
#ifndef SANDBOX_FORMS_H
#define SANDBOX_FORMS_H

#include <event2/http.h>

#include "params.h"

/* A body counts as a form in a POST, whatever its declared type: old scripts declare none. */
void forms_read(struct evhttp_request *req, struct params *ret);

#endif
