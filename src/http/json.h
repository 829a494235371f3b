/* SPDX-License-Identifier: Apache-2.0 */
/* json.h - base/json.h, under the name it has here. */
#ifndef RTALP_HTTP_JSON_H
#define RTALP_HTTP_JSON_H

#include "base/json.h"

#endif
