/* SPDX-License-Identifier: Apache-2.0 */
/* migrate.h - the schema this program knows, and the way to it. The steps are the numbered files of schema/, compiled in. */
#ifndef RTALP_STORE_MIGRATE_H
#define RTALP_STORE_MIGRATE_H

#include <stdbool.h>

#include "store/sqlite.h"

/* Brings the database to this program's schema, one transaction a step. -EPROTO: it has a newer one; -EUCLEAN: it is not ours. */
int migrate(struct txn *txn, int *ret_schema, bool *ret_migrated);
/* The newest schema this program knows. */
int migrate_newest(void);

#define MIGRATE_APPLICATION_ID 1381254476 /* "RTAL"; set by 001.sql */

#endif
