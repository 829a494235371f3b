/* SPDX-License-Identifier: Apache-2.0 */
/* webhook_url.h - where a webhook's messages may be sent to: the text of an address, before anything is looked up. Pure; any thread.
 *
 * Stricter than what libcurl reads, so that the two never mean different hosts: no user in it, no fragment, no spelling of a number besides the usual one.
 */
#ifndef RTALP_BASE_WEBHOOK_URL_H
#define RTALP_BASE_WEBHOOK_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

#define WEBHOOK_HOST_MAX 254 /* with the NUL */
#define WEBHOOK_URL_MAX  ((size_t)2000)
#define WEBHOOK_PORTS_MAX 15

struct webhook_url {
	char host[WEBHOOK_HOST_MAX]; /* in small letters, without brackets */
	uint16_t port;
	bool tls;
};

struct webhook_policy {
	bool allow_private; /* plain HTTP and addresses that are not public, too: for tests, and receivers on the same machine */
	uint16_t ports[WEBHOOK_PORTS_MAX];
	size_t port_count;
};

/* NULL: it is one; else what it must be, in words that go behind "must ". */
const char *webhook_url_parse(const char *text, const struct webhook_policy *policy, struct webhook_url *ret_url) _must_check_;

#endif
