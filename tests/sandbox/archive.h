/* SPDX-License-Identifier: Apache-2.0 */
/* archive.h - what each account has recorded: made up, or defined by a test, and as it stands now.
 *
 * A day that a test defined is served as it was given, whatever the clock says; a made-up day ends at the account's present.
 * DAY faults are applied to both.
 */
#ifndef SANDBOX_ARCHIVE_H
#define SANDBOX_ARCHIVE_H

#include <stdint.h>

#include "clock.h"
#include "day.h"
#include "faults.h"
#include "users.h"

struct archive;

struct archive_config {
	uint64_t seed;
	uint32_t rows_per_day;
	int64_t sync_seconds; /* devices upload this often; 0: at once */
	const struct users *users;
	const struct faults *faults;
	const struct sandbox_clock *clock;
};

/* Everything in `config` is borrowed for the archive's life. */
struct archive *archive_new(const struct archive_config *config);
void archive_free(struct archive *a);

/* The account's present day. */
int32_t archive_today(const struct archive *a, uint32_t user);

/* Never NULL; empty when there is nothing. The caller frees it. */
struct day *archive_day(const struct archive *a, uint32_t user, int32_t date);

/* Takes `day` over. */
void archive_define(struct archive *a, uint32_t user, int32_t date, struct day *day);

/* -ENOENT if no test had defined it. */
int archive_undefine(struct archive *a, uint32_t user, int32_t date);

/* Forgets every defined day. */
void archive_reset(struct archive *a);

#endif
