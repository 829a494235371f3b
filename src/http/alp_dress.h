/* SPDX-License-Identifier: Apache-2.0 */
/* alp_dress.h - the answer that one of ALP's lists is sent as, gzip form and all, made where the list is read (alp/list_body.h). */
#ifndef RTALP_HTTP_ALP_DRESS_H
#define RTALP_HTTP_ALP_DRESS_H

#include "alp/lists.h"

extern const struct list_dress alp_dress;

#endif
