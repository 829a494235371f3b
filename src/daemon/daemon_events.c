/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the notifications that ALP sends: who signs them, and where in them is what to look at. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "daemon/credential.h"
#include "daemon/daemon_internal.h"
#include "http/alp_events.h"

static void
take_names(char names[ALP_EVENT_NAMES_MAX][ALP_EVENT_NAME_MAX], const struct string_list *list)
{
	for (size_t i = 0; i < MIN_OF(list->count, ALP_EVENT_NAMES_MAX); i++)
		snprintf(names[i], ALP_EVENT_NAME_MAX, "%s", list->items[i]);
}

static int
take_secrets(struct alp_events *events, const char *text)
{
	int r = 0;

	while (r == 0 && *text != '\0') {
		struct str line = {text, strcspn(text, "\r\n")};

		text += line.len + strspn(text + line.len, "\r\n");
		if (line.len == 0)
			continue;
		if (events->secret_count == ALP_EVENT_SECRETS_MAX)
			return -E2BIG;
		r = webhook_secret_parse(line, &events->secrets[events->secret_count]);
		if (r == 0)
			events->secret_count++;
	}
	return r;
}

int
daemon_load_alp_events(struct daemon *d)
{
	const struct config *c = d->config;
	char text[CREDENTIAL_EVENTS_MAX];
	int r;

	if (c->alp.url[0] == '\0')
		return 0;
	d->alp_events = xcalloc(1, sizeof *d->alp_events);
	take_names(d->alp_events->names[ALP_EVENT_ID], &c->sync.event_id_fields);
	take_names(d->alp_events->names[ALP_EVENT_USER], &c->sync.event_user_fields);
	take_names(d->alp_events->names[ALP_EVENT_DATE], &c->sync.event_date_fields);
	r = credential_load_alp_events(c, text);
	if (r == 0)
		r = take_secrets(d->alp_events, text);
	secret_wipe(text, sizeof text);
	return r;
}

struct alp_events *
daemon_free_alp_events(struct alp_events *events)
{
	if (events != NULL)
		secret_wipe(events, sizeof *events);
	free(events);
	return NULL;
}
