/* SPDX-License-Identifier: Apache-2.0 */
/* user export, user erase. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "ctl/ctl.h"

#define EXPORT_MS ((int64_t)3600 * 1000)

static int
print_piece(struct str piece, void *arg)
{
	struct ctl *ctl = arg;

	return fwrite(piece.p, 1, piece.len, ctl->out.out) == piece.len ? 0 : -1;
}

/* As it comes: it may be long. */
int
cmd_user_export(struct ctl *ctl)
{
	char path[96];
	int r = ctl_client(ctl);

	if (r != EXIT_STATUS_OK)
		return r;
	snprintf(path, sizeof path, "/api/users/%" PRId64 "/export", ctl->args.number[OPT_USER]);
	r = client_watch(ctl->client, path, EXPORT_MS, print_piece, ctl);
	if (r == 0)
		fputc('\n', ctl->out.out);
	else if (r == -ENOENT)
		say("it was refused: that needs a service token, or root over the Unix socket");
	else
		return ctl_unanswered(ctl, r);
	return r == 0 ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}

int
cmd_user_erase(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	char path[96];

	snprintf(path, sizeof path, "/api/users/%" PRId64 "/data", ctl->args.number[OPT_USER]);
	return ctl_ask(ctl, &(struct request){.method = "DELETE", .path = path, .timeout_ms = EXPORT_MS}, &a);
}
