/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that a worker hands to the master: what the linter says of rules, which rules fired on a row, and of which times its seconds are. A worker that
 * was taken over writes what it likes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/steps.h"
#include "base/macro.h"
#include "rules/notes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const kinds[] = {"example", "slow", "never", NULL};

static void
hold(bool true_of_it)
{
	if (!true_of_it)
		abort();
}

/* What was read is written, and read again to the same. */
static void
try_notes(struct str text)
{
	struct rule_notes notes = {0}, again = {0};
	struct buf out = BUF_INIT(2 * RULE_NOTES_BYTES_MAX);
	int r = rule_notes_read(text, kinds, &notes);

	hold(r == 0 || r == -EBADMSG);
	hold(notes.count <= RULE_NOTES_MAX);
	if (r == 0) {
		rule_notes_write(&notes, &out);
		hold(rule_notes_read(buf_str(&out), kinds, &again) == 0);
		hold(again.count + again.left_off == notes.count + notes.left_off);
	}
	buf_release(&out);
	rule_notes_release(&again);
	rule_notes_release(&notes);
}

static void
try_steps(struct str text)
{
	struct steps steps = {0};

	steps_read(text, &steps);
	hold(steps.count <= STEPS_MAX);
	for (size_t i = 0; i < steps.count; i++)
		hold(steps.rows[i].what >= STEP_FIRED && steps.rows[i].what <= STEP_LIMIT && strlen(steps.rows[i].rule) < RULE_ID_SIZE &&
		    (steps.rows[i].code == NULL || strlen(steps.rows[i].code) <= STEP_CODE_MAX));
	steps_release(&steps);
}

static void
try_times(struct str text)
{
	struct step_times times = {0};
	int64_t sum = 0;

	step_times_read(text, &times);
	hold(times.count <= TIMES_MAX);
	for (size_t i = 0; i < times.count; i++) {
		hold(times.rows[i].minute >= 0 && times.rows[i].minute < 26 * 60 && times.rows[i].seconds > 0);
		sum += times.rows[i].seconds;
	}
	hold(sum == times.seconds);
	step_times_release(&times);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};

	try_notes(text);
	try_steps(text);
	try_times(text);
	return 0;
}
