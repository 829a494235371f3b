/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zone.h"

#include <ctype.h>
#include <errno.h>
#include <glib.h>
#include <string.h>

#include "base/macro.h"

static void
zone_unref(GTimeZone **zone)
{
	if (*zone != NULL)
		g_time_zone_unref(*zone);
}

/* GLib also takes offsets and POSIX rules; a user's zone is a name of the database and nothing else. */
static bool
name_plausible(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= ZONE_NAME_MAX || !isalpha((unsigned char)name[0]) || strstr(name, "..") != NULL)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && strchr("/_+-", name[i]) == NULL)
			return false;
	return name[len - 1] != '/' && strstr(name, "//") == NULL;
}

static GTimeZone *
zone_open(const char *name)
{
	if (!name_plausible(name))
		return NULL;
	return g_time_zone_new_identifier(name);
}

bool
zone_valid(const char *name)
{
	_cleanup_(zone_unref) GTimeZone *zone = zone_open(name);

	return zone != NULL;
}

int
zone_day(const char *name, int64_t real_ms, day_t *ret_day)
{
	_cleanup_(zone_unref) GTimeZone *zone = zone_open(name);
	int64_t local_s;
	gint interval;

	if (zone == NULL)
		return -ENOENT;
	interval = g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, real_ms / 1000);
	local_s = real_ms / 1000 + g_time_zone_get_offset(zone, interval);
	if (local_s < 0)
		return -ERANGE;
	*ret_day = (day_t)(local_s / 86400);
	return 0;
}
