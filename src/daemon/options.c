/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/options.h"

#include <errno.h>
#include <getopt.h>

#define DEFAULT_CONFIG SYSCONFDIR "/rescuetime-alp/rtalpd.conf"

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check-config", no_argument, NULL, 'n'},
    {"restore", required_argument, NULL, 'r'},
    {"check-store", optional_argument, NULL, 's'},
    {"print-config", no_argument, NULL, 'p'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

int
options_parse(int argc, char **argv, struct options *ret_options)
{
	struct options o = {.action = OPTIONS_RUN, .config_path = DEFAULT_CONFIG};
	int c;

	optind = 0; /* start afresh: tests parse more than one line */
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			o.config_path = optarg;
			break;
		case 'n':
			o.action = OPTIONS_CHECK_CONFIG;
			break;
		case 'r':
			o.action = OPTIONS_RESTORE;
			o.file = optarg;
			break;
		case 's':
			o.action = OPTIONS_CHECK_STORE;
			o.file = optarg;
			break;
		case 'p':
			o.action = OPTIONS_PRINT_CONFIG;
			break;
		case 'V':
			o.action = OPTIONS_VERSION;
			break;
		case 'h':
			o.action = OPTIONS_HELP;
			break;
		default: /* getopt has said what is wrong */
			fprintf(stderr, "Try 'rtalpd --help'.\n");
			return -EINVAL;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "rtalpd: unexpected argument '%s'\nTry 'rtalpd --help'.\n", argv[optind]);
		return -EINVAL;
	}
	*ret_options = o;
	return 0;
}

void
options_print_help(FILE *out)
{
	fputs("Usage: rtalpd [--config FILE] [--check-config]\n"
	      "Fetches RescueTime activity for a law practice and turns it into draft time entries.\n"
	      "\n"
	      "  --config FILE   read this file (default " DEFAULT_CONFIG ")\n"
	      "  --check-config  only check it: exit 0, or 78 with every error told\n"
	      "  --restore FILE  put a backup in the place of the store, while no daemon runs; what was there is moved aside\n"
	      "  --check-store[=FILE]  check the store, or a backup, while no daemon runs: exit 0, or 65 with every broken promise told\n"
	      "  --print-config  print a documented example with every default\n"
	      "  --version       print the version\n"
	      "  --help          print this\n",
	    out);
}
