/* SPDX-License-Identifier: Apache-2.0 */
#include "store/migrate.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "queue/kind.h"
#include "store/schema.inc"

#define STEP_MAX_BYTES (1024 * 1024)

int
migrate_newest(void)
{
	return (int)ELEMENTSOF(schema_steps);
}

static char *
step_text(const char *const *lines)
{
	struct buf b = BUF_INIT(STEP_MAX_BYTES);

	for (size_t i = 0; lines[i] != NULL; i++)
		buf_addz(&b, lines[i]);
	return buf_take(&b, NULL);
}

static int
step_run(struct txn *txn, int step)
{
	_cleanup_free_ char *text = step_text(schema_steps[step - 1]);
	_cleanup_free_ char *version = xasprintf("PRAGMA user_version = %d", step);
	int r;

	r = txn_exec(txn, text);
	if (r < 0)
		return r;
	r = txn_exec(txn, version);
	if (r < 0)
		return r;
	return txn_exec(txn, "COMMIT");
}

static int
step(struct txn *txn, int number)
{
	int r = txn_exec(txn, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	r = step_run(txn, number);
	if (r < 0)
		sqlite3_exec(txn->db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

/* A database of someone else must not be built upon. */
static int
check_ours(struct txn *txn, int64_t version)
{
	int64_t id, tables;
	int r;

	r = txn_exec_i64(txn, "PRAGMA application_id", &id);
	if (r < 0)
		return r;
	r = txn_exec_i64(txn, "SELECT count(*) FROM sqlite_schema", &tables);
	if (r < 0)
		return r;
	if (version == 0)
		return id == 0 && tables == 0 ? 0 : -EUCLEAN;
	return id == MIGRATE_APPLICATION_ID && tables > 0 ? 0 : -EUCLEAN;
}

int
migrate(struct txn *txn, int *ret_schema, bool *ret_migrated)
{
	int64_t version;
	int r;

	r = txn_exec_i64(txn, "PRAGMA user_version", &version);
	if (r < 0)
		return r;
	r = check_ours(txn, version);
	if (r < 0)
		return r;
	if (version < 0 || version > migrate_newest())
		return -EPROTO;
	*ret_migrated = version < migrate_newest();
	for (int number = (int)version + 1; number <= migrate_newest() && r >= 0; number++)
		r = step(txn, number);
	*ret_schema = migrate_newest();
	return r;
}
