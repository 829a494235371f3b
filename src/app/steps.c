/* SPDX-License-Identifier: Apache-2.0 */
#include "app/steps.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"

#define CUT         STR("...") /* the last word of what would have been too long */
#define MINUTES_MAX (26 * 60)

/* The next of the words that are joined by single spaces. False at the end. */
static bool
next_word(struct str *rest, struct str *ret_word)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->p, ' ', rest->len);
	*ret_word = (struct str){rest->p, end != NULL ? (size_t)(end - rest->p) : rest->len};
	*rest = (struct str){rest->p + ret_word->len, rest->len - ret_word->len};
	if (rest->len > 0)
		*rest = (struct str){rest->p + 1, rest->len - 1};
	return true;
}

static bool
is_rule_id(struct str s)
{
	if (s.len == 0 || s.len >= RULE_ID_SIZE || str_eq(s, CUT))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '.' || s.p[i] == '-'))
			return false;
	return true;
}

static int
set_rule(struct step *step, struct str id)
{
	if (!is_rule_id(id))
		return -EBADMSG;
	memcpy(step->rule, id.p, id.len);
	step->rule[id.len] = '\0';
	return 0;
}

/* %20 and %25 are the only ones that are written. */
static int
set_code(struct step *step, struct str text)
{
	_cleanup_(buf_release) struct buf code = BUF_INIT(STEP_CODE_MAX);

	for (size_t i = 0; i < text.len; i++) {
		struct str rest = {text.p + i, text.len - i};
		bool escaped = text.p[i] == '%';

		if (escaped && !str_starts(rest, STR("%20")) && !str_starts(rest, STR("%25")))
			return -EBADMSG;
		buf_addc(&code, !escaped ? text.p[i] : text.p[i + 2] == '0' ? ' ' : '%');
		i += escaped ? 2 : 0;
	}
	if (code.len == 0 || code.error < 0)
		return -EBADMSG;
	step->code = buf_take(&code, NULL);
	return 0;
}

/* "rule", "rule=code", "rule!code", "unlisted!code", "limit!rule" */
static int
read_step(struct str word, struct step *step)
{
	size_t at = 0;
	struct str name, rest;

	while (at < word.len && word.p[at] != '=' && word.p[at] != '!')
		at++;
	name = (struct str){word.p, at};
	step->what = STEP_FIRED;
	if (at == word.len)
		return set_rule(step, name);
	rest = (struct str){word.p + at + 1, word.len - at - 1};
	if (word.p[at] == '=')
		step->what = STEP_FOUND;
	else if (str_eq(name, STR("limit")))
		step->what = STEP_LIMIT;
	else
		step->what = str_eq(name, STR("unlisted")) ? STEP_UNLISTED : STEP_REFUSED;
	if (step->what == STEP_LIMIT)
		return set_rule(step, rest);
	if (step->what != STEP_UNLISTED && set_rule(step, name) < 0)
		return -EBADMSG;
	return set_code(step, rest);
}

void
steps_read(struct str trail, struct steps *ret_steps)
{
	struct steps steps = {.rows = xcalloc(STEPS_MAX, sizeof *steps.rows), .complete = true};
	struct str word;

	while (next_word(&trail, &word)) {
		if (steps.count < STEPS_MAX && read_step(word, &steps.rows[steps.count]) == 0) {
			steps.count++;
			continue;
		}
		if (steps.count < STEPS_MAX)
			steps.rows[steps.count] = (struct step){.what = STEP_FIRED};
		steps.complete = false;
	}
	*ret_steps = steps;
}

void
steps_release(struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++)
		free(steps->rows[i].code);
	free(steps->rows);
	*steps = (struct steps){.rows = NULL};
}

/* "09:05+240" */
static int
read_time(struct str word, struct step_time *time)
{
	int64_t hours, minutes, seconds;

	if (word.len < sizeof "00:00+0" - 1 || word.p[0] == '-' || word.p[2] != ':' || word.p[3] == '-' || word.p[5] != '+')
		return -EBADMSG;
	if (str_to_i64((struct str){word.p, 2}, 0, MINUTES_MAX / 60 - 1, &hours) < 0 ||
	    str_to_i64((struct str){word.p + 3, 2}, 0, 59, &minutes) < 0 ||
	    str_to_i64((struct str){word.p + 6, word.len - 6}, 1, INT32_MAX, &seconds) < 0)
		return -EBADMSG;
	*time = (struct step_time){(int32_t)(hours * 60 + minutes), (int32_t)seconds};
	return 0;
}

void
step_times_read(struct str times, struct step_times *ret_times)
{
	struct step_times read = {.rows = xcalloc(TIMES_MAX, sizeof *read.rows), .complete = true};
	struct str word;

	while (next_word(&times, &word)) {
		struct step_time time;

		if (read.count == TIMES_MAX || read_time(word, &time) < 0) {
			read.complete = false;
			continue;
		}
		read.seconds += time.seconds;
		read.rows[read.count++] = time;
	}
	*ret_times = read;
}

void
step_times_release(struct step_times *times)
{
	free(times->rows);
	*times = (struct step_times){.rows = NULL};
}
