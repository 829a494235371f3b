/* SPDX-License-Identifier: Apache-2.0 */
/* wal_vfs.h - the engine's file layer, with the writes to the log (WAL) gathered: what follows each other goes out in one call.
 *
 * The engine writes each page of a commit in two calls, a header of 24 bytes and the page; a small commit of nine pages was eighteen calls
 * of 2 us each, beside a sync of 100. Here they wait in one buffer, which is written
 *   - before the log is synced, read, measured or cut
 *   - before a write that does not begin where the last one ended
 *   - when it is full
 * so writes reach the file in the order in which the engine made them, and the engine itself always reads what it wrote. Every other file is
 * opened by the layer below and never comes by here; the shared index and all locks belong to the database's file.
 *
 * Why no promise is weaker:
 *   - a commit is acknowledged, and shown to other connections by the index, only after the engine's sync of the log returned
 *     (synchronous=FULL, read back by connection.c), and that sync writes the buffer first. Nobody else is led to bytes that wait here.
 *   - what waits was never synced, so it is of a transaction that has not committed: losing it is what a crash or a close may do to that.
 *     The engine would pad a commit behind its sync on a file that does not promise to leave a neighbour's bytes alone
 *     (SQLITE_IOCAP_POWERSAFE_OVERWRITE): there nothing is gathered.
 *   - a write that fails does so in one of the calls above, with the result code that it would have had. From a write or a sync the engine
 *     takes that as the end of the transaction, and what waited is dropped. From any other call it may go on, so what waits stays and is
 *     written again, at the latest before the sync that would commit.
 *
 * A transaction that outgrew the cache and was undone may leave bytes behind that the next one writes before its own: into the log's unused end,
 * as without the buffer.
 *
 * Threads: registration from the opener's; a file belongs to its connection's thread, as in the engine.
 */
#ifndef RTALP_STORE_WAL_VFS_H
#define RTALP_STORE_WAL_VFS_H

/* What a log's buffer holds at most; it is made at the first write, so only connections that write have one. The engine's layer for Unix takes
 * less than 128 KB in a call. */
#define WAL_GATHER_BYTES (120 * 1024)

/* To be named when a connection is opened. Lies over the layer that was the default at the first call. NULL: the engine has none. */
const char *wal_vfs(void);

#endif
