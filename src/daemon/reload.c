/* SPDX-License-Identifier: Apache-2.0 */
/* reload.c - configuration, rules and certificate, read again while the daemon serves. */
#include "base/log.h"
#include "daemon/daemon_internal.h"
#include "daemon/notify.h"

/* Workers end by their deadlines; what is left then has no spawner that could end it. */
#define RETIRE_GRACE_MS 5000

static void
tell_setting(const char *path, bool reloadable, void *arg)
{
	size_t *taken = arg;

	if (reloadable)
		(*taken)++;
	else
		log_event(EV_CONFIG_NOT_RELOADED, LOG_STR("SETTING", path));
}

static int
read_all(const struct daemon *d, struct config **ret_config, struct rules_source **ret_rules, struct tls **ret_tls,
    size_t *ret_changed)
{
	_cleanup_(config_errors_release) struct config_errors errors = {0};
	_cleanup_(rule_faults_release) struct rule_faults faults = {0};
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(rules_source_unrefp) struct rules_source *rules = NULL;
	int r = config_load(d->config_path, &config, &errors);

	for (size_t i = 0; i < errors.count; i++)
		log_event(EV_CONFIG_ERROR, LOG_STR("DETAIL", errors.lines[i]));
	if (r == 0)
		r = rules_source_load(config->rules.file, &faults, &rules);
	for (size_t i = 0; i < faults.count; i++)
		log_event(EV_RULES_FAULT, LOG_STR("DETAIL", faults.lines[i]));
	if (r < 0)
		return r;
	config_diff(d->config, config, tell_setting, ret_changed);
	config_hold_fixed(config, d->config);
	r = daemon_read_tls(config, ret_tls);
	if (r < 0)
		return r;
	*ret_rules = TAKE_PTR(rules);
	*ret_config = TAKE_PTR(config);
	return 0;
}

/* Tells the parts what holds by d->config and d->rules. */
static void
tell_parts(struct daemon *d)
{
	struct app_options app_options = daemon_app_options(d);
	struct dispatch_options dispatch_options = daemon_dispatch_options(d->config);
	struct deliverer_options deliverer_options = daemon_deliverer_options(d->config);
	struct http_options http_options = daemon_http_options(d);

	app_reconfigure(d->app, &app_options);
	dispatch_reconfigure(d->dispatch, &dispatch_options);
	deliverer_reconfigure(d->deliverer, &deliverer_options);
	http_server_reconfigure(d->http, &http_options);
	log_set_max_priority(d->config->log.level);
}

static void
rules_changed(void *arg, int r)
{
	struct daemon *d = arg;

	if (r == 0) {
		rules_source_unref(d->rules);
		d->rules = rules_source_ref(supervisor_rules(d->supervisor));
		tell_parts(d);
		log_event(EV_RULES_LOADED, LOG_STR("RULES", d->rules->version), LOG_STR("PATH", d->rules->name));
	} else {
		log_event(EV_RULES_KEPT, LOG_STR("PATH", d->config->rules.file), LOG_ERRNO(r));
	}
	/* The rest was said when the reload began; now nothing of it is left to do. */
	if (d->life == LIFE_SERVING)
		notify_ready();
}

/* True: there is nothing to wait for. */
static bool
change_rules(struct daemon *d, struct rules_source *rules)
{
	int64_t most_ms = MAX_OF(d->config->workers.fetch_deadline_ms, d->config->workers.process_deadline_ms) + RETIRE_GRACE_MS;
	int r;

	if (rules_source_same(rules, d->rules)) {
		supervisor_keep_rules(d->supervisor);
		return true;
	}
	r = supervisor_change_rules(d->supervisor, rules, most_ms, rules_changed, d);
	if (r < 0)
		log_event(EV_RULES_KEPT, LOG_STR("PATH", d->config->rules.file), LOG_ERRNO(r));
	return r < 0;
}

void
daemon_reload(struct daemon *d)
{
	_cleanup_(rules_source_unrefp) struct rules_source *rules = NULL;
	struct config *fresh = NULL;
	struct tls *tls = NULL;
	size_t changed = 0;

	if (d->life != LIFE_SERVING)
		return;
	notify_reloading();
	if (read_all(d, &fresh, &rules, &tls, &changed) < 0) {
		log_event(EV_CONFIG_KEPT, LOG_STR("PATH", d->config_path));
		notify_ready();
		return;
	}
	config_free(d->config);
	d->config = fresh;
	daemon_take_tls(d, tls);
	/* What is to be kept for a shorter time goes now. */
	d->next_prune_ms = 0;
	tell_parts(d);
	log_event(EV_CONFIG_RELOADED, LOG_I64("CHANGED", changed));
	if (change_rules(d, rules))
		notify_ready();
}
