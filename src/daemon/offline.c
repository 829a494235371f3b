/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/offline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/restore.h"

static const char *
reason(int r)
{
	switch (r) {
	case -EBUSY:
		return "a daemon has the store open: stop it first";
	case -EBADMSG:
		return "its length or its checksum is not what the .info file beside it says";
	case -EUCLEAN:
		return "it is damaged, or no store of this program";
	case -EPROTO:
		return "its schema is newer than this program";
	default:
		return log_errno_text(r);
	}
}

static int
status_of(int r)
{
	return r == -EBUSY ? EX_TEMPFAIL : r == -ENOENT ? EX_NOINPUT : r == -EUCLEAN || r == -EBADMSG || r == -EPROTO ? EX_DATAERR : EX_IOERR;
}

static void
print_violation(void *arg, const char *violation)
{
	(void)arg;
	printf("%s\n", violation);
}

int
offline_check(const struct config *config, const char *file)
{
	const char *path = file != NULL ? file : config->store.path;
	int r = store_check_file(path, print_violation, NULL);

	if (r < 0) {
		fprintf(stderr, "rtalpd: %s cannot be checked: %s\n", path, reason(r));
		return status_of(r);
	}
	printf(r == 0 ? "%s: every promise holds\n" : "%s: %d promises are broken\n", path, r);
	return r == 0 ? EX_OK : EX_DATAERR;
}

int
offline_restore(const struct config *config, const char *file)
{
	_cleanup_(restore_report_release) struct restore_report report = {0};
	char made[INSTANT_TEXT_MAX] = "an unknown time";
	int r = store_restore(config->store.path, file, clock_real_ms(), (int64_t)getuid(), &report);

	if (report.violation != NULL)
		fprintf(stderr, "rtalpd: %s\n", report.violation);
	if (r < 0) {
		fprintf(stderr, "rtalpd: %s was not put in the place of %s: %s\n", file, config->store.path, reason(r));
		return status_of(r);
	}
	if (report.made_ms != 0)
		instant_format(report.made_ms, made);
	log_event(EV_STORE_RESTORED, LOG_STR("PATH", file), LOG_STR("DETAIL", made));
	printf("%s is the store as of %s now%s%s\n", config->store.path, made, report.aside != NULL ? "; what was there is " : "",
	    report.aside != NULL ? report.aside : "");
	if (!report.known)
		printf("No .info file lies beside it: its checksum was not compared.\n");
	if (report.old_unread)
		printf("The store that was there cannot be read: tokens that were revoked since are good again.\n");
	if (report.erased != NULL)
		printf("Erased since and back, to be erased again (`rtalpctl user erase`): %s\n", report.erased);
	printf("Posting to ALP is held after the start, until `rtalpctl posting go-on`.\n");
	return EX_OK;
}
