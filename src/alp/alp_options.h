/* SPDX-License-Identifier: Apache-2.0 */
/* alp_options.h - how this firm's ALP speaks: what the settings of the group `alp` say. Texts are borrowed for alp_new(), which copies them; the
 * key must outlive the alp. */
#ifndef RTALP_ALP_ALP_OPTIONS_H
#define RTALP_ALP_ALP_OPTIONS_H

#include "alp/alp.h"

enum alp_paging {
	ALP_PAGING_NONE,   /* one answer is the whole list */
	ALP_PAGING_LINK,   /* as long as a Link header has rel=next */
	ALP_PAGING_PAGE,   /* page=1, 2, ... up to an empty one */
	ALP_PAGING_OFFSET  /* offset=0, n, ... up to an empty one */
};

struct alp_options {
	const char *url, *ca_file, *user_agent;
	const struct secret *key;
	size_t max_connections;
	int64_t queue_timeout_ms, connect_timeout_ms, answer_timeout_ms;
	int64_t read_timeout_ms; /* a whole list, with all pages and tries */
	int64_t read_tries;      /* of a page */
	int64_t retry_base_ms;   /* the first pause is up to that, each further one up to twice as much */
	size_t list_max_bytes;   /* all pages */
	int64_t pages_max;
	int64_t breaker_failures, breaker_open_ms, breaker_open_max_ms;

	/* It is left alone for so long, which comes once when that begins; 0: it answers again. NULL: nobody wants to know. */
	void (*silent)(int64_t wait_ms, void *arg);
	void *silent_arg;

	const char *paths[ALP_LISTS]; /* below the url; {id} stands for an id */
	const char *entries_path;
	const char *user_parameter, *from_parameter, *to_parameter; /* of lists of entries */

	enum alp_paging paging;
	const char *page_parameter, *offset_parameter, *size_parameter;
	int64_t first_page, page_size; /* page_size 0: not asked for */
	const char *items_field;       /* the member that holds a list; "": the answer is the list */
	const char *entry_field;       /* the member that holds what was made; "": the answer is it */

	/* Members of an entry. */
	const char *id_field, *reference_field, *status_field, *date_field, *user_field, *component_field, *units_field, *rate_field;
	const char *billable_type_field, *gst_type_field, *description_field, *notes_field;
	/* Words of its status, separated by spaces; nothing is known by any other. */
	const char *open_words, *invoiced_words, *written_off_words, *deleted_words;

	struct alp_can can;
};

#endif
