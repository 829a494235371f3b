/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

struct fault_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this one, in the same allocation */
};

static sqlite3_vfs fault_vfs;
static sqlite3_vfs *real_vfs;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fault_plan plan;
static int calls;
static bool failed;

void
fault_arm(struct fault_plan p)
{
	pthread_mutex_lock(&lock);
	plan = p;
	calls = 0;
	failed = false;
	pthread_mutex_unlock(&lock);
}

bool
fault_disarm(void)
{
	bool did;

	pthread_mutex_lock(&lock);
	plan = (struct fault_plan){.call = FAULT_NONE};
	did = failed;
	pthread_mutex_unlock(&lock);
	return did;
}

int
fault_calls(void)
{
	int n;

	pthread_mutex_lock(&lock);
	n = calls;
	pthread_mutex_unlock(&lock);
	return n;
}

static int
fault(enum fault_call call)
{
	int code = SQLITE_OK;

	pthread_mutex_lock(&lock);
	if (plan.call == call && (++calls == plan.nth || (plan.for_good && calls > plan.nth))) {
		code = plan.code;
		failed = true;
	}
	pthread_mutex_unlock(&lock);
	return code;
}

static sqlite3_file *
real(sqlite3_file *file)
{
	return ((struct fault_file *)(void *)file)->real;
}

static int
file_close(sqlite3_file *file)
{
	return real(file)->pMethods->xClose(real(file));
}

static int
file_read(sqlite3_file *file, void *to, int n, sqlite3_int64 offset)
{
	return real(file)->pMethods->xRead(real(file), to, n, offset);
}

static int
file_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 offset)
{
	int code = fault(FAULT_WRITE);

	return code != SQLITE_OK ? code : real(file)->pMethods->xWrite(real(file), from, n, offset);
}

static int
file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return real(file)->pMethods->xTruncate(real(file), size);
}

static int
file_sync(sqlite3_file *file, int flags)
{
	int code = fault(FAULT_SYNC);

	return code != SQLITE_OK ? code : real(file)->pMethods->xSync(real(file), flags);
}

static int
file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return real(file)->pMethods->xFileSize(real(file), size);
}

static int
file_lock(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xLock(real(file), level);
}

static int
file_unlock(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xUnlock(real(file), level);
}

static int
file_reserved(sqlite3_file *file, int *ret)
{
	return real(file)->pMethods->xCheckReservedLock(real(file), ret);
}

static int
file_control(sqlite3_file *file, int op, void *arg)
{
	return real(file)->pMethods->xFileControl(real(file), op, arg);
}

static int
file_sector(sqlite3_file *file)
{
	return real(file)->pMethods->xSectorSize(real(file));
}

static int
file_traits(sqlite3_file *file)
{
	return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int
file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
	return real(file)->pMethods->xShmMap(real(file), page, size, extend, ret);
}

static int
file_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	return real(file)->pMethods->xShmLock(real(file), offset, n, flags);
}

static void
file_shm_barrier(sqlite3_file *file)
{
	real(file)->pMethods->xShmBarrier(real(file));
}

static int
file_shm_unmap(sqlite3_file *file, int delete)
{
	return real(file)->pMethods->xShmUnmap(real(file), delete);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int
vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *ret_flags)
{
	struct fault_file *f = (struct fault_file *)(void *)file;
	int rc;

	(void)vfs;
	f->real = (sqlite3_file *)(void *)(f + 1);
	rc = real_vfs->xOpen(real_vfs, name, f->real, flags, ret_flags);
	f->base.pMethods = f->real->pMethods != NULL ? &methods : NULL;
	return rc;
}

void
fault_vfs_register(void)
{
	real_vfs = sqlite3_vfs_find(NULL);
	fault_vfs = *real_vfs;
	fault_vfs.zName = "fault";
	fault_vfs.szOsFile = real_vfs->szOsFile + (int)sizeof(struct fault_file);
	fault_vfs.xOpen = vfs_open;
	sqlite3_vfs_register(&fault_vfs, 1);
}
