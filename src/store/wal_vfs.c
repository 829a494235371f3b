/* SPDX-License-Identifier: Apache-2.0 */
#include "store/wal_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct wal_file {
	sqlite3_file base;
	sqlite3_file *below;  /* in the same allocation, behind this one */
	unsigned char *bytes; /* that wait, to be written at `offset`; NULL until there were some */
	int count;
	sqlite3_int64 offset;
	bool gathers;
};

static sqlite3_vfs *vfs_below;
static sqlite3_vfs vfs_here;

static struct wal_file *
wal(sqlite3_file *file)
{
	return (struct wal_file *)(void *)file;
}

static sqlite3_file *
below(sqlite3_file *file)
{
	return wal(file)->below;
}

static int
write_below(struct wal_file *w, const void *from, int n, sqlite3_int64 offset)
{
	return w->below->pMethods->xWrite(w->below, from, n, offset);
}

/* What could not be written goes on waiting. */
static int
flush(struct wal_file *w)
{
	int rc = w->count > 0 ? write_below(w, w->bytes, w->count, w->offset) : SQLITE_OK;

	if (rc == SQLITE_OK)
		w->count = 0;
	return rc;
}

/* For calls whose failure ends the transaction. */
static int
flush_or_drop(struct wal_file *w)
{
	int rc = flush(w);

	w->count = 0;
	return rc;
}

static int
wal_close(sqlite3_file *file)
{
	free(wal(file)->bytes);
	wal(file)->bytes = NULL;
	return below(file)->pMethods->xClose(below(file));
}

static int
wal_read(sqlite3_file *file, void *to, int n, sqlite3_int64 offset)
{
	int rc = flush(wal(file));

	return rc != SQLITE_OK ? rc : below(file)->pMethods->xRead(below(file), to, n, offset);
}

static int
wal_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 offset)
{
	struct wal_file *w = wal(file);
	int rc;

	if (!w->gathers)
		return write_below(w, from, n, offset);
	if (offset != w->offset + w->count || n > WAL_GATHER_BYTES - w->count) {
		rc = flush_or_drop(w);
		if (rc != SQLITE_OK)
			return rc;
		w->offset = offset;
	}
	if (n > WAL_GATHER_BYTES)
		return write_below(w, from, n, offset);
	if (w->bytes == NULL)
		w->bytes = xcalloc(1, WAL_GATHER_BYTES);
	memcpy(w->bytes + w->count, from, (size_t)n);
	w->count += n;
	return SQLITE_OK;
}

static int
wal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int rc = flush(wal(file));

	return rc != SQLITE_OK ? rc : below(file)->pMethods->xTruncate(below(file), size);
}

static int
wal_sync(sqlite3_file *file, int flags)
{
	int rc = flush_or_drop(wal(file));

	return rc != SQLITE_OK ? rc : below(file)->pMethods->xSync(below(file), flags);
}

static int
wal_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	int rc = flush(wal(file));

	return rc != SQLITE_OK ? rc : below(file)->pMethods->xFileSize(below(file), ret_size);
}

static int
wal_lock(sqlite3_file *file, int level)
{
	return below(file)->pMethods->xLock(below(file), level);
}

static int
wal_unlock(sqlite3_file *file, int level)
{
	return below(file)->pMethods->xUnlock(below(file), level);
}

static int
wal_reserved(sqlite3_file *file, int *ret)
{
	return below(file)->pMethods->xCheckReservedLock(below(file), ret);
}

static int
wal_control(sqlite3_file *file, int op, void *arg)
{
	return below(file)->pMethods->xFileControl(below(file), op, arg);
}

static int
wal_sector(sqlite3_file *file)
{
	return below(file)->pMethods->xSectorSize(below(file));
}

static int
wal_traits(sqlite3_file *file)
{
	return below(file)->pMethods->xDeviceCharacteristics(below(file));
}

/* Version 1: the index in shared memory and mapped reads are asked of the database's file only. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = wal_close,
    .xRead = wal_read,
    .xWrite = wal_write,
    .xTruncate = wal_truncate,
    .xSync = wal_sync,
    .xFileSize = wal_size,
    .xLock = wal_lock,
    .xUnlock = wal_unlock,
    .xCheckReservedLock = wal_reserved,
    .xFileControl = wal_control,
    .xSectorSize = wal_sector,
    .xDeviceCharacteristics = wal_traits,
};

/* Behind ours, where the layer below may keep any type of its own. */
static sqlite3_file *
place_below(struct wal_file *w)
{
	return (sqlite3_file *)(void *)(w + 1);
}

static int
vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *ret_flags)
{
	struct wal_file *w = wal(file);
	int rc;

	(void)vfs;
	if (!(flags & SQLITE_OPEN_WAL))
		return vfs_below->xOpen(vfs_below, name, file, flags, ret_flags);
	*w = (struct wal_file){.below = place_below(w)};
	rc = vfs_below->xOpen(vfs_below, name, w->below, flags, ret_flags);
	if (w->below->pMethods == NULL)
		return rc;
	w->base.pMethods = &methods;
	w->gathers = rc == SQLITE_OK && (wal_traits(file) & SQLITE_IOCAP_POWERSAFE_OVERWRITE) != 0;
	return rc;
}

static void
register_here(void)
{
	vfs_below = sqlite3_vfs_find(NULL);
	if (vfs_below == NULL)
		return;
	vfs_here = *vfs_below;
	vfs_here.zName = "rtalp-wal";
	vfs_here.szOsFile = vfs_below->szOsFile + (int)sizeof(struct wal_file);
	vfs_here.xOpen = vfs_open;
	if (sqlite3_vfs_register(&vfs_here, 0) != SQLITE_OK)
		vfs_below = NULL;
}

const char *
wal_vfs(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, register_here);
	return vfs_below != NULL ? vfs_here.zName : NULL;
}
