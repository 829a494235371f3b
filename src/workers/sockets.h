/* SPDX-License-Identifier: Apache-2.0 */
/* sockets.h - where libcurl gets its connections from in a process that can make none: the master connects, to what it knows of and not to what a
 * request says, and hands the socket over. TLS begins here, on the inside.
 *
 * The addresses that libcurl has are placeholders. A kept connection that was lost is asked for anew.
 *
 * Processes: fetch and deliver workers. Ownership: a socket is libcurl's from then on.
 */
#ifndef RTALP_WORKERS_SOCKETS_H
#define RTALP_WORKERS_SOCKETS_H

#include <curl/curl.h>
#include <stdint.h>

#include "base/macro.h"

struct sockets {
	int channel;
	unsigned state;      /* enum message_state in which answers come */
	uint32_t timeout_ms; /* to wait for one */
	uint32_t last;       /* number of the last that was waited for; zeroed: none */
	int error;           /* why the last one did not come, an errno; 0: it did */
	struct curl_slist *connect_to;
};

/* Every connection of the handle is one of these. -ENOMEM. */
int sockets_attach(struct sockets *s, CURL *curl) _must_check_;
/* After the handle's end. */
void sockets_release(struct sockets *s);

#endif
