/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/last_word.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/fd.h"
#include "proto/message.h"
#include "workers/worker.h"

#define FAREWELL_MS 1000

void
failure_say(struct failure *f, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(f->detail, sizeof f->detail, format, ap);
	va_end(ap);
}

static void
drain_until_hangup(int channel)
{
	const int64_t end_ms = clock_mono_ms() + FAREWELL_MS;
	uint8_t buffer[MESSAGE_MAX_BYTES];

	for (int64_t left = FAREWELL_MS; left > 0; left = end_ms - clock_mono_ms()) {
		_cleanup_(message_release) struct message m = {.fd = -1};
		struct pollfd p = {.fd = channel, .events = POLLIN};

		if (poll(&p, 1, (int)left) != 1)
			return;
		/* Whatever the master had sent before it read ours: only the end counts. */
		if (message_recv(channel, M2W, W_PROCESSING, buffer, &m) == 0)
			return;
	}
}

int
last_word(int channel, day_t day, const struct failure *f)
{
	const struct msg_worker_fail message = {
	    .permanent = f->permanent,
	    .retry_after_ms = f->retry_after_ms,
	    .day = day,
	    .code = str_of(f->code),
	    .detail = str_of(f->detail),
	};

	if (msg_worker_fail_send(channel, &message, -1) < 0)
		return WORKER_EXIT_OK;
	drain_until_hangup(channel);
	return WORKER_EXIT_OK;
}
