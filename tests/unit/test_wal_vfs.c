/* SPDX-License-Identifier: Apache-2.0 */
/* The log's gathered writes, called as the engine calls them. What the whole store makes of a write that fails stands in test_store_fault.c. */
#include "unit.h"

#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "fault_vfs.h"
#include "store/wal_vfs.h"

#define FRAME_BYTES (24 + 4096)

struct log_file {
	char directory[64];
	char path[96]; /* of the log */
	char database[96];
	const char *name; /* as the engine makes names */
	sqlite3_file *file;
};

static void
open_as(struct log_file *f, int kind, const char *psow)
{
	const char *params[] = {"psow", psow};
	sqlite3_vfs *vfs = sqlite3_vfs_find(wal_vfs());
	int flags = kind | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;

	assert_non_null(vfs);
	f->name = sqlite3_create_filename(f->database, "", f->path, 1, params);
	f->file = xcalloc(1, (size_t)vfs->szOsFile);
	assert_int_equal(vfs->xOpen(vfs, kind == SQLITE_OPEN_WAL ? sqlite3_filename_wal(f->name) : f->name, f->file, flags, NULL), SQLITE_OK);
}

static void
close_it(struct log_file *f)
{
	assert_int_equal(f->file->pMethods->xClose(f->file), SQLITE_OK);
	free(f->file);
	f->file = NULL;
	sqlite3_free_filename((sqlite3_filename)f->name);
}

static int
setup(void **state)
{
	struct log_file *f = xcalloc(1, sizeof *f);

	snprintf(f->directory, sizeof f->directory, "wal-test-XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	snprintf(f->database, sizeof f->database, "%s/db", f->directory);
	snprintf(f->path, sizeof f->path, "%s/db-wal", f->directory);
	/* The log is given its mode. */
	assert_int_equal(close(open(f->database, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 0);
	open_as(f, SQLITE_OPEN_WAL, "1");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct log_file *f = *state;

	fault_disarm();
	if (f->file != NULL)
		close_it(f);
	unlink(f->path);
	unlink(f->database);
	rmdir(f->directory);
	free(f);
	return 0;
}

static int
put(struct log_file *f, const void *bytes, size_t n, size_t at)
{
	return f->file->pMethods->xWrite(f->file, bytes, (int)n, (sqlite3_int64)at);
}

static int
get(struct log_file *f, void *ret, size_t n, size_t at)
{
	return f->file->pMethods->xRead(f->file, ret, (int)n, (sqlite3_int64)at);
}

static int
sync_it(struct log_file *f)
{
	return f->file->pMethods->xSync(f->file, SQLITE_SYNC_NORMAL);
}

/* A header and a page, as the engine writes them. */
static int
put_frame(struct log_file *f, int n)
{
	unsigned char bytes[FRAME_BYTES];
	int rc;

	memset(bytes, n & 0xff, sizeof bytes);
	rc = put(f, bytes, 24, (size_t)n * FRAME_BYTES);
	return rc != SQLITE_OK ? rc : put(f, bytes + 24, 4096, (size_t)n * FRAME_BYTES + 24);
}

/* What everyone else finds in the file. */
static long
bytes_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (long)st.st_size;
}

static long
bytes_on_disk(const struct log_file *f)
{
	return bytes_of(f->path);
}

static void
count_writes(void)
{
	fault_arm((struct fault_plan){.call = FAULT_WRITE, .nth = INT_MAX});
}

static void
the_frames_of_a_commit_go_out_in_one_write_before_its_sync(void **state)
{
	struct log_file *f = *state;

	count_writes();
	for (int i = 0; i < 9; i++)
		assert_int_equal(put_frame(f, i), SQLITE_OK);
	assert_int_equal(fault_calls(), 0);
	assert_int_equal(sync_it(f), SQLITE_OK);
	assert_int_equal(fault_calls(), 1);
	assert_int_equal(bytes_on_disk(f), 9 * FRAME_BYTES);
	assert_int_equal(sync_it(f), SQLITE_OK);
	assert_int_equal(fault_calls(), 1);
}

/* The sync must come after the write, or it syncs nothing. */
static void
a_sync_whose_write_fails_says_so_and_syncs_nothing(void **state)
{
	struct log_file *f = *state;

	assert_int_equal(put_frame(f, 0), SQLITE_OK);
	fault_arm((struct fault_plan){.call = FAULT_WRITE, .nth = 1, .code = SQLITE_FULL});
	assert_int_equal(sync_it(f), SQLITE_FULL);
	/* That was the end of the transaction: nothing of it comes out later. */
	assert_int_equal(sync_it(f), SQLITE_OK);
	assert_int_equal(bytes_on_disk(f), 0);
}

static void
a_sync_that_fails_says_so_after_the_write(void **state)
{
	struct log_file *f = *state;

	assert_int_equal(put_frame(f, 0), SQLITE_OK);
	fault_arm((struct fault_plan){.call = FAULT_SYNC, .nth = 1, .code = SQLITE_IOERR_FSYNC});
	assert_int_equal(sync_it(f), SQLITE_IOERR_FSYNC);
	assert_int_equal(bytes_on_disk(f), FRAME_BYTES);
}

static void
a_commit_longer_than_the_buffer_loses_nothing_and_tells_its_errors(void **state)
{
	struct log_file *f = *state;
	int frames = 3 * WAL_GATHER_BYTES / FRAME_BYTES, refused = 0;
	char byte;

	count_writes();
	for (int i = 0; i < frames; i++)
		assert_int_equal(put_frame(f, i), SQLITE_OK);
	assert_int_equal(sync_it(f), SQLITE_OK);
	assert_in_range(fault_calls(), 3, 4);
	for (int i = 0; i < frames; i++) {
		assert_int_equal(get(f, &byte, 1, (size_t)(i + 1) * FRAME_BYTES - 1), SQLITE_OK);
		assert_int_equal((unsigned char)byte, i & 0xff);
	}
	fault_arm((struct fault_plan){.call = FAULT_WRITE, .nth = 1, .code = SQLITE_IOERR_WRITE});
	for (int i = 0; i < frames && refused == 0; i++)
		refused = put_frame(f, i);
	assert_int_equal(refused, SQLITE_IOERR_WRITE);
}

static void
one_write_longer_than_the_buffer_goes_by_it_in_its_order(void **state)
{
	struct log_file *f = *state;
	_cleanup_free_ char *bytes = xcalloc(1, WAL_GATHER_BYTES + 1);
	char first = 'a', found;

	assert_int_equal(put(f, &first, 1, 0), SQLITE_OK);
	memset(bytes, 'b', WAL_GATHER_BYTES + 1);
	assert_int_equal(put(f, bytes, WAL_GATHER_BYTES + 1, 0), SQLITE_OK);
	assert_int_equal(get(f, &found, 1, 0), SQLITE_OK);
	assert_int_equal(found, 'b');
	assert_int_equal(bytes_on_disk(f), WAL_GATHER_BYTES + 1);
}

/* From a read the engine may go on with the transaction, so its bytes must not be gone. */
static void
what_a_read_could_not_write_is_written_by_the_sync(void **state)
{
	struct log_file *f = *state;
	char byte;

	assert_int_equal(put_frame(f, 0), SQLITE_OK);
	fault_arm((struct fault_plan){.call = FAULT_WRITE, .nth = 1, .code = SQLITE_FULL});
	assert_int_equal(get(f, &byte, 1, 0), SQLITE_FULL);
	assert_int_equal(sync_it(f), SQLITE_OK);
	assert_int_equal(bytes_on_disk(f), FRAME_BYTES);
}

static void
cutting_and_measuring_see_what_was_written(void **state)
{
	struct log_file *f = *state;
	sqlite3_int64 size = 0;

	assert_int_equal(put_frame(f, 0), SQLITE_OK);
	assert_int_equal(f->file->pMethods->xFileSize(f->file, &size), SQLITE_OK);
	assert_int_equal(size, FRAME_BYTES);
	assert_int_equal(put_frame(f, 1), SQLITE_OK);
	assert_int_equal(f->file->pMethods->xTruncate(f->file, 100), SQLITE_OK);
	assert_int_equal(sync_it(f), SQLITE_OK);
	assert_int_equal(bytes_on_disk(f), 100);
}

static void
what_was_never_synced_is_gone_with_the_file(void **state)
{
	struct log_file *f = *state;

	assert_int_equal(put_frame(f, 0), SQLITE_OK);
	close_it(f);
	assert_int_equal(bytes_on_disk(f), 0);
}

/* Without that promise of the file the engine writes behind its last sync, and others may be led there. */
static void
a_file_that_may_harm_neighbours_of_what_it_writes_gathers_nothing(void **state)
{
	struct log_file *f = *state;

	close_it(f);
	open_as(f, SQLITE_OPEN_WAL, "0");
	assert_int_equal(put_frame(f, 0), SQLITE_OK);
	assert_int_equal(bytes_on_disk(f), FRAME_BYTES);
}

static void
the_database_itself_is_written_at_once(void **state)
{
	struct log_file *f = *state;

	close_it(f);
	open_as(f, SQLITE_OPEN_MAIN_DB, "1");
	assert_int_equal(put_frame(f, 0), SQLITE_OK);
	assert_int_equal(bytes_of(f->database), FRAME_BYTES);
	/* And has the engine's own shared index. */
	assert_true(f->file->pMethods->iVersion >= 2);
}

static unsigned
next_chance(unsigned *chance, unsigned below)
{
	*chance = *chance * 1103515245u + 12345u;
	return (*chance >> 8) % below;
}

/* Frames forward, frames again, jumps, reads, syncs: the file is always what it would be without a buffer. */
static void
any_order_of_calls_leaves_the_same_bytes(void **state)
{
	enum { SIZE = 1 << 20 };
	struct log_file *f = *state;
	_cleanup_free_ unsigned char *is = xcalloc(1, SIZE), *found = xcalloc(1, SIZE), *bytes = xcalloc(1, 8192);
	unsigned chance = 7;
	size_t at = 0, n;

	for (size_t i = 0; i < SIZE; i += 8192)
		assert_int_equal(put(f, is, 8192, i), SQLITE_OK);
	for (int i = 0; i < 20000; i++) {
		n = 1 + next_chance(&chance, 8192);
		if (next_chance(&chance, 20) == 0 || at + n > SIZE)
			at = next_chance(&chance, SIZE - 8192);
		memset(bytes, i & 0xff, n);
		memcpy(is + at, bytes, n);
		assert_int_equal(put(f, bytes, n, at), SQLITE_OK);
		at += n;
		if (next_chance(&chance, 50) == 0)
			assert_int_equal(sync_it(f), SQLITE_OK);
		if (next_chance(&chance, 100) != 0)
			continue;
		assert_int_equal(get(f, found, SIZE, 0), SQLITE_OK);
		assert_memory_equal(found, is, SIZE);
	}
}

#define LOG_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    LOG_TEST(the_frames_of_a_commit_go_out_in_one_write_before_its_sync),
	    LOG_TEST(a_sync_whose_write_fails_says_so_and_syncs_nothing),
	    LOG_TEST(a_sync_that_fails_says_so_after_the_write),
	    LOG_TEST(a_commit_longer_than_the_buffer_loses_nothing_and_tells_its_errors),
	    LOG_TEST(one_write_longer_than_the_buffer_goes_by_it_in_its_order),
	    LOG_TEST(what_a_read_could_not_write_is_written_by_the_sync),
	    LOG_TEST(cutting_and_measuring_see_what_was_written),
	    LOG_TEST(what_was_never_synced_is_gone_with_the_file),
	    LOG_TEST(a_file_that_may_harm_neighbours_of_what_it_writes_gathers_nothing),
	    LOG_TEST(the_database_itself_is_written_at_once),
	    LOG_TEST(any_order_of_calls_leaves_the_same_bytes),
	};

	/* Below ours, which lies over the default. */
	fault_vfs_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
