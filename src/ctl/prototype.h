/* SPDX-License-Identifier: Apache-2.0 */
/* prototype.h - the prototype's database, a SQLite file with the tables activity_log, time_entries and processed_time_entries, read and never written.
 *
 * One view of it from prototype_open() to the end, whoever writes to it meanwhile. This is the one place outside of src/store that knows SQL.
 * Ownership: the caller's; what is handed out is borrowed for the call. Threads: one.
 */
#ifndef RTALP_CTL_PROTOTYPE_H
#define RTALP_CTL_PROTOTYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/macro.h"

enum prototype_table { PROTOTYPE_ACTIVITY, PROTOTYPE_DRAFTS, PROTOTYPE_PROCESSED, PROTOTYPE_TABLES };
extern const char *const prototype_tables[PROTOTYPE_TABLES];

/* What is in a column, which may be anything in any. */
enum cell_type { CELL_NULL, CELL_INTEGER, CELL_REAL, CELL_TEXT };
struct cell {
	enum cell_type type;
	int64_t integer;
	double real;
	struct str text; /* a blob, too; not necessarily UTF-8 */
};

enum activity_column { A_ACTIVITY, A_DOCUMENT, A_CATEGORY, A_PRODUCTIVITY, A_SECONDS, A_COLUMNS };
enum draft_column { D_APPLICATION, D_DESCRIPTION, D_SECONDS, D_UNITS, D_STATUS, D_NOTES, D_MATTER, D_HASH, D_COLUMNS };
enum processed_column { P_APPLICATION, P_DESCRIPTION, P_UNITS, P_STATUS, P_NOTES, P_MATTER, P_HASH, P_SUBMITTED, P_ALP_ID, P_CREATED, P_COLUMNS };
#define PROTOTYPE_COLUMNS_MAX 10

struct prototype;
/* -EINVAL, with a sentence in `fault`: it cannot be read, or is no such file; missing tables and columns are named. */
int prototype_open(const char *path, struct prototype **ret_prototype, struct buf *fault) _must_check_;
struct prototype *prototype_close(struct prototype *p); /* accepts NULL */
DEFINE_POINTER_CLEANUP(struct prototype, prototype_close, prototype_closep)

/* The days of all tables, each once, in their order, as they are written; NULL for rows without one. What `each` returns ends the walk if it is not 0,
 * and is returned. -EIO: the file is damaged. */
int prototype_days(struct prototype *p, int (*each)(void *arg, const struct cell *day), void *arg);
/* The rows of one day of a table, by their numbers. */
int prototype_rows(struct prototype *p, enum prototype_table table, const struct cell *day,
    int (*each)(void *arg, enum prototype_table table, int64_t row, const struct cell *cells), void *arg);

#endif
