/* SPDX-License-Identifier: Apache-2.0 */
/* alp_config.h - how this ALP is made: what it calls things, how it pages, what it keeps. Its API is only partly known, so all that is open
 * can be set, by --alp 'name=value&...' and by PUT /_sandbox/alp. A plain value. */
#ifndef SANDBOX_ALP_CONFIG_H
#define SANDBOX_ALP_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "params.h"

#define ALP_NAME_MAX 32
#define ALP_MATTERS_MAX 100000

enum alp_paging { ALP_PAGING_NONE, ALP_PAGING_LINK, ALP_PAGING_PAGE, ALP_PAGING_OFFSET };

struct alp_config {
	char key[64];                 /* of Authorization: Bearer */
	enum alp_paging paging;
	int64_t page_size;
	char items[ALP_NAME_MAX];     /* the member that holds a list's items; "": the answer is the bare array */
	char id[ALP_NAME_MAX], reference[ALP_NAME_MAX], status[ALP_NAME_MAX]; /* of a time entry; id of all; reference "": none is kept */
	int64_t honours_key;          /* the same Idempotency-Key makes no second entry */
	int64_t lists_entries;        /* GET time_entries is there */
	int64_t shows_deleted;        /* with their status, instead of not at all */
	int64_t text_ids;             /* ids of time entries are texts */
	int64_t fresh_ms;             /* a new entry is listed this much later */
	int64_t latency_ms;           /* of every answer */
	int64_t etags;
	int64_t matters;              /* how many there are */
};

void alp_config_default(struct alp_config *c);

/* Takes over what is named, or nothing: -EINVAL with *ret_why, a constant. */
int alp_config_set(struct alp_config *c, const struct params *p, const char **ret_why);
int alp_config_set_line(struct alp_config *c, const char *line, const char **ret_why);

/* name <TAB> value, a line each. */
void alp_config_write(const struct alp_config *c, struct buf *out);

#endif
