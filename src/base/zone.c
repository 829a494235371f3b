/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zone.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/macro.h"

/* Reading a zone and working its rules out takes GLib a tenth of a millisecond, and every job asks: the ones in use are kept. A firm
 * has a handful; past the table's end a zone is simply read each time. */
#define ZONES_KEPT 32
#define DATABASE   "/usr/share/zoneinfo/"
/* Every file of a zone begins with these bytes. */
#define ZONE_MAGIC "TZif"

static struct {
	char name[ZONE_NAME_MAX];
	GTimeZone *zone;
} kept[ZONES_KEPT];
static size_t kept_count;
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;

static void
zone_unref(GTimeZone **zone)
{
	if (*zone != NULL)
		g_time_zone_unref(*zone);
}

/* GLib also takes offsets and POSIX rules such as AEST-10; a user's zone is a name of the database and nothing else. The few old names
 * with a digit and without a region (EST5EDT) are rules in disguise and refused with them. */
static bool
name_plausible(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= ZONE_NAME_MAX || !isalpha((unsigned char)name[0]) || strstr(name, "..") != NULL)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && strchr("/_+-", name[i]) == NULL)
			return false;
	if (strchr(name, '/') == NULL && strpbrk(name, "0123456789") != NULL)
		return false;
	return name[len - 1] != '/' && strstr(name, "//") == NULL;
}

/* These lie beside the zones in the database's directory and are zones by their form, but no names of the database: what this machine
 * is set to, what nobody set yet, and two copies of the whole database, one of which counts leap seconds. */
static bool
name_is_of_no_zone(const char *name)
{
	static const char *const names[] = {"Factory", "localtime", "posixrules"};
	static const char *const trees[] = {"posix/", "right/"};

	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	for (size_t i = 0; i < ELEMENTSOF(trees); i++)
		if (strncmp(name, trees[i], strlen(trees[i])) == 0)
			return true;
	return false;
}

static bool
file_is_zone(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char magic[sizeof ZONE_MAGIC - 1];

	return fd >= 0 && read(fd, magic, sizeof magic) == (ssize_t)sizeof magic &&
	    memcmp(magic, ZONE_MAGIC, sizeof magic) == 0;
}

/* GLib leaks and complains on standard error where the file is no zone, so it only ever sees one that is. By its path, so that it reads
 * the very file that was looked at, whatever TZDIR says. */
static GTimeZone *
zone_read(const char *name)
{
	char path[sizeof DATABASE + ZONE_NAME_MAX];

	(void)snprintf(path, sizeof path, DATABASE "%s", name);
	return file_is_zone(path) ? g_time_zone_new_identifier(path) : NULL;
}

static GTimeZone *
zone_read_and_keep(const char *name)
{
	GTimeZone *zone = zone_read(name);

	if (zone != NULL && kept_count < ZONES_KEPT) {
		strncpy(kept[kept_count].name, name, ZONE_NAME_MAX - 1);
		kept[kept_count++].zone = g_time_zone_ref(zone);
	}
	return zone;
}

static GTimeZone *
zone_open(const char *name)
{
	GTimeZone *zone = NULL;

	if (!name_plausible(name) || name_is_of_no_zone(name))
		return NULL;
	pthread_mutex_lock(&kept_lock);
	for (size_t i = 0; i < kept_count && zone == NULL; i++)
		if (strcmp(kept[i].name, name) == 0)
			zone = g_time_zone_ref(kept[i].zone);
	if (zone == NULL)
		zone = zone_read_and_keep(name);
	pthread_mutex_unlock(&kept_lock);
	return zone;
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
