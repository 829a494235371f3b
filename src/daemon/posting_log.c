/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/posting_log.h"

#include "base/log.h"

#define LOG_POSTING(p) LOG_I64("POSTING_ID", (p)->posting_id), LOG_I64("ALP_USER_ID", (p)->alp_user_id)

static const char *
why(const struct posting_row *p)
{
	return p->problem_code != NULL ? p->problem_code : "";
}

void
posting_log(const struct posting_row *p)
{
	if (p->state == POSTING_POSTED)
		log_event(EV_POSTED, LOG_POSTING(p), LOG_STR("ALP_ENTRY_ID", p->alp_entry_id), LOG_I64("ATTEMPTS", p->attempts));
	else if (p->state == POSTING_REJECTED)
		log_event(EV_POSTING_REJECTED, LOG_POSTING(p), LOG_STR("CODE", why(p)));
	else if (p->state == POSTING_UNKNOWN)
		log_event(EV_POSTING_UNKNOWN, LOG_POSTING(p), LOG_STR("CODE", why(p)));
	else if (p->state == POSTING_NEEDS_PERSON)
		log_event(EV_POSTING_NEEDS_PERSON, LOG_POSTING(p), LOG_STR("CODE", why(p)));
	else if (p->state == POSTING_READY && p->maybe_sent > 0)
		log_event(EV_POSTING_AGAIN, LOG_POSTING(p), LOG_I64("ATTEMPTS", p->attempts));
}

void
posting_log_all(const struct posting_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		posting_log(&list->rows[i]);
}
