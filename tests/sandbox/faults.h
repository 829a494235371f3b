/* SPDX-License-Identifier: Apache-2.0 */
/* faults.h - what shall go wrong, for whom and how often.
 *
 * A fault is set by a form-encoded line: fault=NAME plus user=N|* (default *), date=YYYY-MM-DD (default any day),
 * count=N (-1 for ever) and the fault's own parameters from faults.def. Unknown names are refused, so that a typo in a test
 * does not pass as "nothing went wrong".
 *
 * Ownership: `struct faults` owns every fault; pointers handed out are valid until the next change.
 */
#ifndef SANDBOX_FAULTS_H
#define SANDBOX_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "params.h"

enum fault_kind {
#define FAULT(id, name, stage, count, params, help) FAULT_##id,
#include "faults.def"
#undef FAULT
	FAULT_KINDS,
};

struct fault;
struct faults;

/* What strikes one request: at most one fault of a kind and one that replaces the answer, the oldest not yet spent. So
 * http-500 with count=2 and then http-429 play one after the other. */
struct hits {
	const struct fault *of[FAULT_KINDS];
	unsigned count;
};

struct faults *faults_new(void);
void faults_free(struct faults *fs);

/* -EINVAL with *ret_why (a constant) for a line that makes no sense; nothing changes then. */
int faults_set(struct faults *fs, const struct params *p, uint32_t *ret_id, const char **ret_why);
int faults_set_line(struct faults *fs, const char *line, const char **ret_why);

/* Removes all, or the one with that id (0: all). Returns how many went. */
size_t faults_clear(struct faults *fs, uint32_t id);

/* Finds and counts what strikes a request of `user` for first..last. DAY and ALP faults are not among them. */
void faults_match(struct faults *fs, uint32_t user, int32_t first, int32_t last, struct hits *ret);

/* The same for a request to ALP: what is "post", "entries" or "lists"; nothing but ALP faults is among them. */
void faults_match_alp(struct faults *fs, const char *what, uint32_t user, int32_t first, int32_t last, struct hits *ret);

/* Begins the chances anew. */
void faults_reseed(struct faults *fs, uint64_t seed);

/* Names, with commas between them. */
void hits_list(const struct hits *hits, char *out, size_t size);

/* Calls `apply` for every DAY fault in force on (user, date), in the order set. */
void faults_of_day(const struct faults *fs, uint32_t user, int32_t date,
                   void (*apply)(const struct fault *f, void *arg), void *arg);

enum fault_kind fault_kind(const struct fault *f);
const char *fault_kind_name(enum fault_kind kind);

/* A parameter as set, or the default. Ranges were not checked when it was set: an unreadable number is the default. */
const char *fault_text(const struct fault *f, const char *name, const char *standard);
int64_t fault_number(const struct fault *f, const char *name, int64_t standard);

/* One line a fault: id, user, date, name, count left, hits, tab-separated. */
void faults_list(const struct faults *fs, struct buf *out);

/* The table itself, for --help and the tests. */
void faults_describe(struct buf *out);

#endif
