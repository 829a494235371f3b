/* SPDX-License-Identifier: Apache-2.0 */
/* rtalpctl - the operator's command line. It talks HTTP to rtalpd, over its Unix socket unless told otherwise.
 *
 * args.c reads the line by the tables in options.def and commands.c; a cmd_<resource>.c does what was asked.
 */
#include <curl/curl.h>
#include <locale.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "base/secret.h"
#include "ctl/ctl.h"
#include "ctl/text.h"

/* A key or a token may pass through: no core, and nobody else of the same user looks in. */
static void
harden(void)
{
	struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int
run(struct ctl *ctl)
{
	if (args_has(&ctl->args, OPT_HELP))
		return cmd_help(ctl);
	if (args_has(&ctl->args, OPT_VERSION))
		return cmd_version(ctl);
	return ctl->args.command->run(ctl);
}

int
main(int argc, char **argv)
{
	struct ctl ctl = {.out = screen_of(stdout), .err = screen_of(stderr)};
	int r;

	text_setup();
	tzset();
	harden();
	if (args_parse(argc, argv, &ctl.args) < 0)
		return EXIT_STATUS_USAGE;
	if (secret_setup() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		say("libsodium or libcurl cannot start");
		return EXIT_STATUS_FAILED;
	}
	r = run(&ctl);
	ctl.client = client_free(ctl.client);
	curl_global_cleanup();
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return r;
	say("standard output cannot be written");
	return r != EXIT_STATUS_OK ? r : EXIT_STATUS_FAILED;
}
