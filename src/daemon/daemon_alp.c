/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "daemon/daemon_internal.h"

#define WORDS_MAX_BYTES ((size_t)4096)
#define RETRY_BASE_MS   500

static char *
words_of(const struct string_list *list)
{
	struct buf words = BUF_INIT(WORDS_MAX_BYTES);

	for (size_t i = 0; i < list->count; i++)
		buf_addf(&words, "%s%s", i > 0 ? " " : "", list->items[i]);
	return buf_take(&words, NULL);
}

/* What the settings do not name has the names of the documented request. */
static void
set_names(struct alp_options *o, const struct config *c)
{
	o->paths[ALP_MATTERS] = c->alp.matters_path;
	o->paths[ALP_OUTCOMES] = c->alp.outcomes_path;
	o->paths[ALP_COMPONENTS] = c->alp.components_path;
	o->paths[ALP_USERS] = c->alp.users_path;
	o->paths[ALP_GST_TYPES] = c->alp.gst_types_path;
	o->entries_path = c->alp.entries_path;
	o->user_parameter = c->alp.user_parameter;
	o->from_parameter = c->alp.from_parameter;
	o->to_parameter = c->alp.to_parameter;
	o->items_field = c->alp.items_field;
	o->entry_field = c->alp.entry_field;
	o->id_field = c->alp.id_field;
	o->reference_field = c->alp.reference_field;
	o->status_field = c->alp.status_field;
	o->date_field = "date";
	o->user_field = "user_id";
	o->component_field = "matter_component_id";
	o->units_field = "units";
	o->rate_field = "rate";
	o->billable_type_field = "billable_type";
	o->gst_type_field = "gst_type";
	o->description_field = "description";
	o->notes_field = "notes";
}

static void
set_paging(struct alp_options *o, const struct config *c)
{
	o->paging = (enum alp_paging)c->alp.paging;
	o->page_parameter = c->alp.page_parameter;
	o->offset_parameter = c->alp.offset_parameter;
	o->size_parameter = c->alp.size_parameter;
	o->first_page = c->alp.first_page;
	o->page_size = c->alp.page_size;
	o->pages_max = c->alp.pages_max;
	o->list_max_bytes = (size_t)(c->alp.list_max_mb * MIB);
}

static void
set_patience(struct alp_options *o, const struct config *c)
{
	o->max_connections = (size_t)c->alp.max_connections;
	o->queue_timeout_ms = c->alp.queue_timeout_ms;
	o->connect_timeout_ms = c->alp.connect_timeout_ms;
	o->answer_timeout_ms = c->alp.answer_timeout_ms;
	o->read_timeout_ms = c->alp.read_timeout_ms;
	o->read_tries = c->alp.read_tries;
	o->retry_base_ms = RETRY_BASE_MS;
	o->breaker_failures = c->alp.breaker_failures;
	o->breaker_open_ms = c->alp.breaker_open_ms;
	o->breaker_open_max_ms = MAX_OF(c->alp.breaker_open_max_ms, c->alp.breaker_open_ms);
}

static void
on_silent(int64_t wait_ms, void *arg)
{
	const struct daemon *d = arg;

	metric_set(rtalp_alp_reachable, 0, 0, wait_ms <= 0);
	if (wait_ms > 0)
		log_event(EV_ALP_SILENT, LOG_STR("HOST", d->config->alp.url), LOG_I64("DURATION_MS", wait_ms));
	else
		log_event(EV_ALP_ANSWERS, LOG_STR("HOST", d->config->alp.url));
}

int
daemon_start_alp(struct daemon *d)
{
	const struct config *c = d->config;
	_cleanup_free_ char *open = words_of(&c->alp.open_words);
	_cleanup_free_ char *invoiced = words_of(&c->alp.invoiced_words);
	_cleanup_free_ char *written_off = words_of(&c->alp.written_off_words);
	_cleanup_free_ char *deleted = words_of(&c->alp.deleted_words);
	struct alp_options o = {
	    .url = c->alp.url,
	    .ca_file = c->alp.ca_file,
	    .user_agent = PACKAGE_NAME "/" PACKAGE_VERSION,
	    .key = d->alp_key,
	    .silent = on_silent,
	    .silent_arg = d,
	    .open_words = open,
	    .invoiced_words = invoiced,
	    .written_off_words = written_off,
	    .deleted_words = deleted,
	    .can = {.honours_key = c->alp.honours_key, .keeps_reference = c->alp.keeps_reference, .lists_entries = c->alp.lists_entries, .lists_fresh = c->alp.lists_fresh},
	};

	metric_set(rtalp_alp_reachable, 0, 0, METRIC_ABSENT);
	if (c->alp.url[0] == '\0')
		return 0;
	metric_set(rtalp_alp_reachable, 0, 0, 1);
	if (d->alp_key == NULL)
		return -ENOKEY;
	set_names(&o, c);
	set_paging(&o, c);
	set_patience(&o, c);
	return alp_new(d->base, &o, &d->alp);
}

#define KEY_PAUSE_MS     5000
#define KEY_PAUSE_MAX_MS 300000
#define PAUSE_MAX_MS     60000

/* Where each is listed for before it is sent, half of them wait for a list: twice as many keep every connection busy, and alp_post() sees to it that
 * there are no more. */
static size_t
sends_at_once(const struct config *c)
{
	bool listed_first = c->alp.lists_entries && !c->alp.keeps_reference;

	return (listed_first ? 2 : 1) * (size_t)c->alp.max_connections;
}

int
daemon_start_poster(struct daemon *d)
{
	const struct config *c = d->config;
	const struct poster_options o = {
	    .base = d->base, .app = d->app, .alp = d->alp, .post = alp_post, .entries = alp_entries, .cancel = alp_cancel,
	    .lists_entries = c->alp.lists_entries, .sends_max = sends_at_once(c), .pause_ms = c->posting.retry_ms,
	    .pause_max_ms = MAX_OF(PAUSE_MAX_MS, c->posting.retry_ms), .key_pause_ms = KEY_PAUSE_MS, .key_pause_max_ms = KEY_PAUSE_MAX_MS,
	};

	if (d->alp != NULL)
		d->poster = poster_new(&o);
	return 0;
}

int
daemon_start_syncer(struct daemon *d)
{
	const struct config *c = d->config;
	const struct syncer_options o = {
	    .base = d->base, .app = d->app, .alp = d->alp, .entries = alp_entries, .cancel = alp_cancel, .parallel = (size_t)c->sync.parallel,
	    .pause_ms = KEY_PAUSE_MS, .pause_max_ms = KEY_PAUSE_MAX_MS,
	};

	if (d->alp == NULL)
		return 0;
	if (c->alp.lists_entries)
		d->syncer = syncer_new(&o);
	else
		log_event(EV_SYNC_IMPOSSIBLE, LOG_STR("SETTING", "alp.lists_entries"));
	return 0;
}
