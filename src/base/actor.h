/* SPDX-License-Identifier: Apache-2.0 */
/* actor.h - who did something: what an audit trail says of it. A value. Threads: any. */
#ifndef RTALP_BASE_ACTOR_H
#define RTALP_BASE_ACTOR_H

#include <stdint.h>

/* The numbers are stored. */
enum actor_kind {
	ACTOR_MACHINE,  /* the daemon by itself; zero, so that whoever is not named is that */
	ACTOR_TOKEN,    /* id is the token's */
	ACTOR_LOCAL,    /* over loopback, where no token was ever made */
	ACTOR_SOCKET,   /* over the Unix socket; id is the uid */
	ACTOR_ALP       /* ALP said so */
};

struct actor {
	enum actor_kind kind;
	int64_t id;
};

#endif
