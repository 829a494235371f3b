/* SPDX-License-Identifier: Apache-2.0 */
/* rtalpd - the bridge from RescueTime to ALP.
 *
 * One program, three roles: the master, which this file starts, and the keeper and the spawner, which the master starts by running the same
 * program again with --role=keeper and --role=spawner.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <syslog.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/secret.h"
#include "daemon/config.h"
#include "daemon/daemon.h"
#include "daemon/offline.h"
#include "daemon/options.h"
#include "daemon/wiping_alloc.h"
#include "workers/confine.h"
#include "workers/keeper.h"
#include "workers/spawner.h"

/* A descriptor opened later must never become standard input, output or error. */
static int
fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Keys are in this process: it leaves no core and lets no process of the same user look into it. */
static int
harden(void)
{
	struct rlimit none = {0, 0}, files;

	if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	/* Connections and workers are bounded by settings of ours, not by the soft limit of whoever started us. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	return 0;
}

static int
load_config(const struct options *options, struct config **ret_config)
{
	_cleanup_(config_errors_release) struct config_errors errors = {0};
	int r = config_load(options->config_path, ret_config, &errors);

	for (size_t i = 0; r < 0 && i < errors.count; i++)
		log_event(EV_CONFIG_ERROR, LOG_STR("DETAIL", errors.lines[i]));
	return r;
}

static int
load_rules(const struct config *config, struct rules_source **ret_rules)
{
	_cleanup_(rule_faults_release) struct rule_faults faults = {0};
	int r = rules_source_load(config->rules.file, &faults, ret_rules);

	for (size_t i = 0; r < 0 && i < faults.count; i++)
		log_event(EV_RULES_FAULT, LOG_STR("DETAIL", faults.lines[i]));
	return r;
}

static int
run(const struct options *options)
{
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(rules_source_unrefp) struct rules_source *rules = NULL;
	int r;

	if (load_config(options, &config) < 0 || load_rules(config, &rules) < 0)
		return EX_CONFIG;
	if (options->action == OPTIONS_CHECK_CONFIG)
		return EX_OK;
	if (options->action == OPTIONS_CHECK_STORE)
		return offline_check(config, options->file);
	if (options->action == OPTIONS_RESTORE)
		return offline_restore(config, options->file);
	log_set_max_priority(config->log.level);
	if (fill_standard_descriptors() < 0 || secret_setup() < 0 || harden() < 0)
		return EX_OSERR;
	r = confine_master();
	if (r < 0) {
		log_event(EV_START_FAILED, LOG_STR("STEP", "giving up the system calls that are not needed"), LOG_ERRNO(r));
		return EX_OSERR;
	}
	return daemon_run(TAKE_PTR(config), options->config_path, TAKE_PTR(rules));
}

int
main(int argc, char **argv)
{
	struct options options;

	wiping_alloc_start();
	if (argc == 2 && strcmp(argv[1], KEEPER_ARGUMENT) == 0)
		keeper_main(ROLE_CONTROL_FD);
	if (argc == 2 && strcmp(argv[1], SPAWNER_ARGUMENT) == 0)
		return spawner_main(SPAWNER_CONTROL_FD);
	if (options_parse(argc, argv, &options) < 0)
		return EX_USAGE;
	log_setup("rtalpd", LOG_INFO);
	switch (options.action) {
	case OPTIONS_VERSION:
		puts(PACKAGE_STRING);
		return EX_OK;
	case OPTIONS_HELP:
		options_print_help(stdout);
		return EX_OK;
	case OPTIONS_PRINT_CONFIG:
		config_print_example(stdout);
		return EX_OK;
	case OPTIONS_RUN:
	case OPTIONS_CHECK_CONFIG:
	case OPTIONS_CHECK_STORE:
	case OPTIONS_RESTORE:
	default:
		return run(&options);
	}
}
