/* SPDX-License-Identifier: Apache-2.0 */
/* Random histories of one user's days through the verbs on a real store: fetches, processing by rules that change, edits, ignoring, restoring,
 * confirming and changes of what is kept out, in any order; in the end the days are pruned, and people go on with them.
 * After each step: where every second is, whose rows are whose, what each line is priced at. */
#include "day_walk_review.h"

/* --- steps --------------------------------------------------------------------------------------------------------------- */

static struct job_row
claim(void)
{
	struct run_claim v = {.max = 1, .kinds = UINT32_MAX};
	struct job_row job;

	assert_int_equal(CALL(app_run_claim, &v), 0);
	assert_int_equal(v.jobs.count, 1);
	job = v.jobs.rows[0];
	v.jobs.rows[0] = JOB_ROW_INIT;
	run_claim_release(&v);
	return job;
}

static void
end_job(struct job_row *job)
{
	struct run_end end = {.job_id = job->job_id, .run = job->run, .success = true};

	assert_int_equal(CALL(app_run_end, &end), 0);
	run_end_release(&end);
	job_row_release(job);
}

static void
fail_job(struct job_row *job)
{
	struct run_end end = {.job_id = job->job_id, .run = job->run, .outcome = OUTCOME_PERMANENT, .code = "given_up", .detail = ""};

	assert_int_equal(CALL(app_run_end, &end), 0);
	run_end_release(&end);
	job_row_release(job);
}

/* As the fetch worker sifts it: what is kept out is only counted. */
static void
sift(struct rowset_builder *rows, const struct row_view *row, int64_t *excluded_seconds)
{
	if (b.privacy[0] != '\0' && str_eq(row->activity, str_of(b.privacy + strlen("exclude="))))
		*excluded_seconds += row->seconds;
	else
		assert_int_equal(rowset_builder_add(rows, row), 0);
}

/* Most days go on as they were; some turn out otherwise. */
static struct rowset *
random_day(const struct rowset *so_far, int64_t *ret_excluded_seconds)
{
	static const char *const applications[] = {"Word", "Excel", "Chrome"};
	_cleanup_(rowset_builder_freep) struct rowset_builder *rows = rowset_builder_new(100, 100000);
	size_t known = so_far != NULL && chance(4) != 0 ? rowset_count(so_far) : 0;
	struct rowset *rs = NULL;
	char document[8];

	*ret_excluded_seconds = 0;
	for (size_t i = 0; i < known; i++) {
		struct row_view row = rowset_row(so_far, i);

		sift(rows, &row, ret_excluded_seconds);
	}
	for (uint64_t n = 1 + chance(14); n > 0; n--) {
		struct row_view row = {.bucket_s = (int32_t)chance(100) * 300, .seconds = (int32_t)(1 + chance(300)), .category = STR("c")};

		snprintf(document, sizeof document, "d%d", (int)chance(DOCUMENTS));
		row.activity = str_of(applications[chance(ELEMENTSOF(applications))]);
		row.document = str_of(document);
		sift(rows, &row, ret_excluded_seconds);
	}
	assert_int_equal(rowset_build(rows, &rs), 0);
	return rs;
}

static void
fetch_day(size_t n)
{
	struct fetch_submit v = {.alp_user_id = USER, .days = 1, .target_day = b.today - (day_t)n, .priority = PRIORITY_DEFAULT};
	struct run_fetched got = {.privacy = b.privacy};
	struct job_row job;

	got.grain = random_day(b.fetched[n], &got.excluded_seconds);
	assert_int_equal(secret_new(STR("k"), &v.key), 0);
	assert_int_equal(CALL(app_fetch_submit, &v), 0);
	fetch_submit_release(&v);
	job = claim();
	got.job_id = job.job_id;
	got.run = job.run;
	got.day = b.today - (day_t)n;
	rowset_free(b.fetched[n]);
	assert_int_equal(rowset_parse(rowset_bytes(got.grain), &b.fetched[n]), 0);
	assert_int_equal(CALL(app_run_fetched, &got), 0);
	run_fetched_release(&got);
	end_job(&job);
}

/* Sifted by what the user no longer wants, a day is not stored. */
static void
change_privacy(size_t n)
{
	static const char *const wishes[] = {"", "exclude=Chrome", "exclude=Word"};
	struct user_put put = {.alp_user_id = USER, .privacy = wishes[chance(ELEMENTSOF(wishes))]};
	struct fetch_submit v = {.alp_user_id = USER, .days = 1, .target_day = b.today - (day_t)n, .priority = PRIORITY_DEFAULT};
	struct run_fetched got = {.day = b.today - (day_t)n, .privacy = b.privacy};
	struct look before = glance(got.day), after;
	bool changed = strcmp(put.privacy, b.privacy) != 0;
	struct job_row job;

	got.grain = random_day(NULL, &got.excluded_seconds);
	assert_int_equal(secret_new(STR("k"), &v.key), 0);
	assert_int_equal(CALL(app_fetch_submit, &v), 0);
	fetch_submit_release(&v);
	job = claim();
	got.job_id = job.job_id;
	got.run = job.run;
	assert_int_equal(CALL(app_user_put, &put), 0);
	user_put_release(&put);
	b.privacy = put.privacy;
	if (changed) {
		assert_int_equal(CALL(app_run_fetched, &got), 0);
		assert_true(got.unsifted);
		after = glance(got.day);
		assert_kept(&before, &after);
		assert_int_equal(before.rows.count, after.rows.count);
		look_release(&after);
	}
	run_fetched_release(&got);
	look_release(&before);
	fail_job(&job);
}

/* A rule set of these tests, made from its number alone. */
struct rules_here {
	int number;
	bool with_application;
	int tasks, matters, dropped;
};

static struct rules_here
rules_of(int number)
{
	return (struct rules_here){number, number % 2 == 0, 2 + number % 3, 1 + number % 2, number % 5};
}

static void
judge(const struct rules_here *rules, struct row_view *row, char task[32], char group[128])
{
	int d = row->document.p[1] - '0';

	if (d == rules->dropped || d == rules->dropped + 4) {
		row->rule = d == rules->dropped ? STR("test.drop") : STR(RULE_BELOW_MINIMUM);
		return;
	}
	snprintf(task, 32, "t%d", d % rules->tasks);
	snprintf(group, 128, "%.*s %s", STR_ARG(rules->with_application ? row->activity : STR_NONE), task);
	row->task = str_of(task);
	row->group = str_of(group);
	row->application = rules->with_application ? row->activity : STR("any");
	if (d % rules->tasks != 0) {
		row->matter = d % rules->tasks % rules->matters == 0 ? STR("22069") : STR("11111");
		row->rule = rules->number % 4 < 2 ? STR("test.code") : STR("test.other");
		row->evidence = STR("pattern");
	}
}

static void
verdicts_on(const struct rules_here *rules, const struct rowset *grain, struct run_verdict *v)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *rows = rowset_builder_new(100, 100000);
	_cleanup_(rowset_freep) struct rowset *totals = NULL;

	assert_int_equal(rowset_totals(grain, &totals), 0);
	for (size_t i = 0; i < rowset_count(totals); i++) {
		struct row_view row = rowset_row(totals, i);
		char task[32], group[128];

		judge(rules, &row, task, group);
		assert_int_equal(rowset_builder_add(rows, &row), 0);
	}
	assert_int_equal(rowset_build(rows, &v->verdicts), 0);
	snprintf(v->rules.version, sizeof v->rules.version, "rules-%d", rules->number);
	v->rules.name = "test";
	v->units = b.options.units;
}

static struct run_verdict
process_day(size_t n, int number)
{
	const struct rules_here rules = rules_of(number);
	struct process_submit v = {.alp_user_id = USER, .from_day = b.today - (day_t)n, .to_day = b.today - (day_t)n};
	struct run_input in = {.job_id = 0};
	struct run_verdict verdict;
	struct job_row job;

	assert_int_equal(CALL(app_process_submit, &v), 0);
	process_submit_release(&v);
	job = claim();
	in.job_id = job.job_id;
	assert_int_equal(CALL(app_run_input, &in), 0);
	assert_int_equal(in.count, 1);
	verdict = (struct run_verdict){.job_id = job.job_id, .alp_user_id = USER, .run = job.run, .judged = &in.days[0]};
	verdicts_on(&rules, b.fetched[n], &verdict);
	assert_int_equal(CALL(app_run_verdict, &verdict), 0);
	assert_false(verdict.outdated);
	run_input_release(&in);
	run_verdict_release(&verdict);
	end_job(&job);
	return verdict;
}

/* Nothing at all is another afterwards: no revision, no number, not even when it was changed. */
static void
process_again(size_t n, int number)
{
	struct look before = glance(b.today - (day_t)n), after;
	_cleanup_free_ char *was = text_of(&before), *is = NULL;
	struct run_verdict v = process_day(n, number);

	after = glance(b.today - (day_t)n);
	is = text_of(&after);
	assert_int_equal(v.entries_changed, 0);
	assert_string_equal(is, was);
	look_release(&before);
	look_release(&after);
}

static void
process(size_t n)
{
	static const int64_t pers[] = {UNITS_PER_ENTRY, UNITS_PER_MATTER};
	struct look before = glance(b.today - (day_t)n), after;
	int number = (int)chance(12);
	struct run_verdict v;

	b.options.units = (struct units_policy){
	    .rounding = chance(2) ? ROUNDING_TENTH_UP : ROUNDING_UNIT_UP, .per = (enum units_per)pers[chance(2)], .minimum_tenths = (int32_t)chance(3) * 4,
	};
	app_reconfigure(b.app, &b.options);
	v = process_day(n, number);
	after = look(b.today - (day_t)n);
	assert_kept(&before, &after);
	assert_true(after.has_verdicts);
	assert_string_equal(after.newest.rules_version, v.rules.version);
	assert_int_equal(after.newest.units_per, b.options.units.per);
	for (size_t i = 0; i < after.rows.count; i++)
		assert_true((after.rows.rows[i].entry_id != 0) != (after.rows.rows[i].rule != NULL));
	for (size_t i = 0; i < after.entries.count; i++)
		if (!entry_kept(&after.entries.rows[i]))
			assert_int_equal(after.entries.rows[i].verdicts_id, after.newest.verdicts_id);
	look_release(&before);
	look_release(&after);
	process_again(n, number);
}

static void
edit(struct entry_edit v)
{
	int r = CALL(app_entry_edit, &v);

	assert_true(r == 0 || r == -EPERM);
	entry_edit_release(&v);
}

static struct entry_edit
random_edit(int64_t entry_id)
{
	static const char *const matters[] = {"22069", "11111", "33333", ""};
	struct entry_edit v = {.entry_id = entry_id};

	switch (chance(6)) {
	case 0:
		v.description = chance(2) ? EDIT_SET : EDIT_RESET;
		v.description_value = "mine";
		break;
	case 1:
		v.units = chance(2) ? EDIT_SET : EDIT_RESET;
		v.units_tenths_value = (int64_t)chance(40);
		break;
	case 2:
		v.matter = chance(2) ? EDIT_SET : EDIT_RESET;
		v.matter_value = matters[chance(ELEMENTSOF(matters))];
		break;
	case 3:
		v.notes = EDIT_RESET;
		break;
	case 4:
		v.status = ENTRY_IGNORED;
		break;
	default:
		v.status = ENTRY_PENDING;
		break;
	}
	return v;
}

/* Twice is as good as once: not even a revision is another. */
static void
confirm_twice(size_t n, int64_t entry_id, int64_t units_tenths)
{
	for (int i = 0; i < 2; i++) {
		struct look before = glance(b.today - (day_t)n), after;
		struct entry_confirm v = {.entry_id = entry_id, .day = -1, .units_tenths = units_tenths};
		_cleanup_free_ char *was = text_of(&before), *is = NULL;
		int r = CALL(app_entry_confirm, &v);

		assert_true(r == 0 || r == -EPERM);
		assert_int_equal(r == -EPERM, v.refusal != 0);
		assert_false(i == 1 && v.created);
		after = look(b.today - (day_t)n);
		is = text_of(&after);
		if (i == 1 || r < 0)
			assert_string_equal(is, was);
		entry_confirm_release(&v);
		look_release(&before);
		look_release(&after);
	}
}

/* What was confirmed stands as what a person said; nobody else of the day loses what a person said. */
static void
revert_twice(size_t n, int64_t entry_id)
{
	for (int i = 0; i < 2; i++) {
		struct look before = glance(b.today - (day_t)n), after;
		const struct entry_row *was = entry_of(&before, entry_id);
		struct entry_revert v = {.entry_id = entry_id};
		int r = CALL(app_entry_revert, &v);

		assert_int_equal(r, was->status == ENTRY_PENDING || was->status == ENTRY_SUBMITTED ? 0 : -EPERM);
		after = look(b.today - (day_t)n);
		/* A part of its time that a person decided about stays where it is. */
		for (size_t k = 0; k < before.entries.count; k++) {
			const struct entry_row *e = &before.entries.rows[k], *same = entry_of(&after, e->entry_id);

			if (root_of(&before, e) == root_of(&before, was) && e->entry_id > was->entry_id && entry_kept(e))
				assert_true(same != NULL && same->total_seconds == e->total_seconds);
		}
		if (r == 0) {
			assert_int_equal(v.entry.status, ENTRY_PENDING);
			assert_int_equal(v.entry.person_units_tenths, was->person_units_tenths);
			assert_true(same_text(v.entry.person_description, was->person_description));
			if (was->status == ENTRY_PENDING)
				assert_int_equal(v.entry.revision, was->revision);
		}
		entry_revert_release(&v);
		look_release(&before);
		look_release(&after);
	}
}

/* Takes back whatever a person said of it: it is the machine's again, though parts of its time may not be. */
static void
let_go(size_t n, int64_t entry_id)
{
	revert_twice(n, entry_id);
	edit((struct entry_edit){
	    .entry_id = entry_id, .application = EDIT_RESET, .description = EDIT_RESET, .units = EDIT_RESET, .matter = EDIT_RESET,
	    .notes = EDIT_RESET,
	});
}

static void
touch_entry(size_t n)
{
	struct look l = glance(b.today - (day_t)n);
	int64_t entry_id = choose_entry(&l);

	look_release(&l);
	if (entry_id == 0)
		return;
	switch (chance(11)) {
	case 8:
	case 9:
	case 10:
		review_entry(n, entry_id);
		break;
	case 0:
	case 1:
	case 2:
		/* A third of them mean a number that may have been on the screen once. */
		confirm_twice(n, entry_id, chance(3) ? -1 : (int64_t)chance(12));
		break;
	case 3:
		revert_twice(n, entry_id);
		break;
	case 4:
		let_go(n, entry_id);
		break;
	default:
		edit(random_edit(entry_id));
		break;
	}
}

static void
step(size_t n)
{
	struct look before, after;

	switch (b.fetched[n] == NULL ? 0 : chance(7)) {
	case 6:
		change_privacy(n);
		break;
	case 0:
		before = glance(b.today - (day_t)n);
		fetch_day(n);
		after = look(b.today - (day_t)n);
		assert_kept(&before, &after);
		look_release(&before);
		look_release(&after);
		break;
	case 1:
		process(n);
		break;
	default:
		touch_entry(n);
		break;
	}
	after = look(b.today - (day_t)n);
	assert_balance(b.today - (day_t)n);
	assert_divided(&after);
	if (after.has_verdicts)
		assert_priced(&after);
	look_release(&after);
}

/* --- the end of titles ---------------------------------------------------------------------------------------------------- */

/* As if it had been fetched long ago. */
static int
age_run(struct txn *txn, void *arg)
{
	const struct look *l = arg;
	struct day_row day;
	int r = txn_day_get(txn, USER, l->day, &day);

	day.fetched_ms = 1;
	return r < 0 ? r : txn_day_put(txn, &day);
}

static void
assert_same_report(const struct report_day *before, day_t day)
{
	struct report_day after = {.alp_user_id = USER, .day = day};

	assert_int_equal(CALL(app_report_day, &after), 0);
	assert_true(before->raw_rows_kept);
	assert_false(after.raw_rows_kept);
	assert_memory_equal(&after.sums, &before->sums, sizeof after.sums);
	assert_int_equal(after.filtered.count, before->filtered.count);
	for (size_t i = 0; i < after.filtered.count; i++) {
		assert_string_equal(after.filtered.rows[i].rule, before->filtered.rows[i].rule);
		assert_int_equal(after.filtered.rows[i].seconds, before->filtered.rows[i].seconds);
		assert_int_equal(after.filtered.rows[i].rows, before->filtered.rows[i].rows);
	}
	assert_int_equal(after.dropped_count, 0);
	report_day_release(&after);
}

/* Everything of it stays but what was recorded, and nothing is fetched into it or judged on it any more. One that the rules have not seen stays
 * as it is. */
static void
prune_day(size_t n)
{
	struct prune_raw prune = {.keep_days = -100};
	struct look before = look(b.today - (day_t)n), after;
	struct report_day report = {.alp_user_id = USER, .day = before.day};
	struct process_submit process_it = {.alp_user_id = USER, .from_day = before.day, .to_day = before.day};

	before.answer = (struct verb_answer){.came = false};
	store_write(b.store, age_run, verb_done, &before);
	assert_int_equal(verb_await(b.store, &before.answer), 0);
	assert_int_equal(CALL(app_report_day, &report), 0);
	assert_int_equal(CALL(app_prune_raw, &prune), 0);
	assert_int_equal(prune.days, report.state.generation == report.state.processed_generation);
	if (prune.days == 0) {
		report_day_release(&report);
		look_release(&before);
		return;
	}
	assert_same_report(&report, before.day);
	report_day_release(&report);
	assert_int_equal(CALL(app_process_submit, &process_it), -EINVAL);
	assert_string_equal(process_it.fault.type, "day_pruned");
	after = look(before.day);
	assert_int_equal(after.rows.count, 0);
	assert_kept(&before, &after);
	look_release(&before);
	look_release(&after);
}

/* People go on with what is left: no second moves but by their hands. */
static void
work_without_rows(size_t n)
{
	day_t day = b.today - (day_t)n;
	struct look l;

	for (int i = 0; i < 8; i++) {
		touch_entry(n);
		assert_balance(day);
		l = look(day);
		if (l.has_verdicts)
			assert_priced(&l);
		look_release(&l);
	}
}

static void
no_history_moves_what_a_person_has_or_loses_a_second(void **state)
{
	struct user_get user = {.alp_user_id = USER};

	(void)state;
	b.seed = 88172645463325252u;
	assert_int_equal(CALL(app_user_get, &user), 0);
	user_get_release(&user);
	/* Each history has days of its own: sooner or later everything of a day is somebody's, and nothing moves any more. */
	for (size_t history = 0; history < unit_rounds(16); history++) {
		b.today = user.today - (day_t)(history * DAYS);
		for (size_t n = 0; n < DAYS; n++)
			b.fetched[n] = rowset_free(b.fetched[n]);
		for (int i = 0; i < 48; i++)
			step(chance(DAYS));
		for (size_t n = 0; n < DAYS; n++)
			if (b.fetched[n] != NULL) {
				prune_day(n);
				work_without_rows(n);
			}
	}
}

/* What a disk made of it: the day's verdicts are no rowset any more. */
static int
damage_run(struct txn *txn, void *arg)
{
	struct look *l = arg;
	struct verdicts_row row = l->newest;

	row.verdicts_id++;
	l->newest_bytes[l->newest_len / 2] ^= 0x55;
	return txn_verdicts_put(txn, USER, l->day, &row, (struct str){l->newest_bytes, l->newest_len - 1});
}

struct reading {
	struct verb_answer answer;
	day_t day;
	int64_t verdicts_id;
};

static int
read_run(struct txn *txn, void *arg)
{
	const struct reading *read = arg;
	_cleanup_(rowset_freep) struct rowset *verdicts = NULL;
	struct verdicts_row row;

	return txn_day_verdicts(txn, USER, read->day, read->verdicts_id, &row, &verdicts);
}

static int
read_verdicts(day_t day, int64_t verdicts_id)
{
	struct reading read = {.day = day, .verdicts_id = verdicts_id};

	store_read(b.store, read_run, verb_done, &read);
	return verb_await(b.store, &read.answer);
}

static void
damaged_verdicts_are_found_out_and_the_next_processing_replaces_them(void **state)
{
	struct user_get user = {.alp_user_id = USER};
	struct look l, after;

	(void)state;
	b.seed = 4711;
	assert_int_equal(CALL(app_user_get, &user), 0);
	user_get_release(&user);
	b.today = user.today;
	fetch_day(0);
	process_day(0, 1);
	l = glance(b.today);
	assert_int_equal(l.newest.verdicts_id, 1);
	assert_int_equal(read_verdicts(b.today, 1), 0);
	assert_int_equal(read_verdicts(b.today, 2), -ENOENT);
	l.answer = (struct verb_answer){.came = false};
	store_write(b.store, damage_run, verb_done, &l);
	assert_int_equal(verb_await(b.store, &l.answer), 0);
	assert_int_equal(read_verdicts(b.today, 2), -EBADMSG);
	process_day(0, 1);
	after = look(b.today);
	assert_int_equal(after.newest.verdicts_id, 3);
	assert_int_equal(read_verdicts(b.today, 3), 0);
	assert_int_equal(read_verdicts(b.today, 2), -ENOENT);
	for (size_t i = 0; i < after.entries.count; i++)
		assert_int_equal(after.entries.rows[i].verdicts_id, 3);
	look_release(&l);
	look_release(&after);
}

enum lie { OTHER_SECONDS, OTHER_DOCUMENT, OTHER_CATEGORY, ONE_MORE, ONE_LESS, NO_LIE };

static int
judge_falsely(const struct job_row *job, const struct run_day_input *in, enum lie lie)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *rows = rowset_builder_new(100, 100000);
	_cleanup_(rowset_freep) struct rowset *totals = NULL;
	struct run_verdict v = {.job_id = job->job_id, .alp_user_id = USER, .run = job->run, .judged = in,
	    .rules = {.version = "test-1", .name = "test"}, .units = b.options.units};
	int r;

	assert_int_equal(rowset_totals(in->grain, &totals), 0);
	for (size_t i = lie == ONE_LESS; i < rowset_count(totals) + (lie == ONE_MORE); i++) {
		struct row_view row = rowset_row(totals, i % rowset_count(totals));

		row.task = row.group = row.application = STR("task");
		row.seconds += lie == OTHER_SECONDS && i == 0;
		if (i == rowset_count(totals) || (lie == OTHER_DOCUMENT && i == 0))
			row.document = STR("another");
		if (lie == OTHER_CATEGORY && i == 0)
			row.category = STR("another");
		assert_int_equal(rowset_builder_add(rows, &row), 0);
	}
	assert_int_equal(rowset_build(rows, &v.verdicts), 0);
	r = CALL(app_run_verdict, &v);
	run_verdict_release(&v);
	return r;
}

static void
verdicts_on_other_rows_leave_nothing_on_a_day_no_rules_have_seen(void **state)
{
	struct user_get user = {.alp_user_id = USER};
	struct process_submit v = {.alp_user_id = USER};
	struct run_input in = {.job_id = 0};
	struct job_row job;
	struct look l;

	(void)state;
	b.seed = 4713;
	assert_int_equal(CALL(app_user_get, &user), 0);
	user_get_release(&user);
	b.today = v.from_day = v.to_day = user.today;
	fetch_day(0);
	assert_int_equal(CALL(app_process_submit, &v), 0);
	process_submit_release(&v);
	job = claim();
	in.job_id = job.job_id;
	assert_int_equal(CALL(app_run_input, &in), 0);
	for (enum lie lie = OTHER_SECONDS; lie < NO_LIE; lie++) {
		assert_int_equal(judge_falsely(&job, &in.days[0], lie), -EBADMSG);
		l = look(b.today);
		assert_int_equal(l.entries.count, 0);
		look_release(&l);
	}
	assert_int_equal(judge_falsely(&job, &in.days[0], NO_LIE), 0);
	run_input_release(&in);
	end_job(&job);
}

/* The rules are tightened while a draft is open: a fetch or an edit of it does not price it by what no process job has brought yet. */
static void
a_policy_that_no_processing_brought_prices_nothing(void **state)
{
	struct user_get user = {.alp_user_id = USER};
	struct look l;

	(void)state;
	b.seed = 4712;
	assert_int_equal(CALL(app_user_get, &user), 0);
	user_get_release(&user);
	b.today = user.today;
	fetch_day(0);
	process_day(0, 1);
	b.options.units = (struct units_policy){.rounding = ROUNDING_UNIT_UP, .per = UNITS_PER_MATTER, .minimum_tenths = 99};
	app_reconfigure(b.app, &b.options);
	fetch_day(0);
	l = look(b.today);
	edit((struct entry_edit){.entry_id = l.entries.rows[0].entry_id, .status = ENTRY_IGNORED});
	edit((struct entry_edit){.entry_id = l.entries.rows[0].entry_id, .status = ENTRY_PENDING});
	look_release(&l);
	l = look(b.today);
	assert_int_equal(l.newest.units_per, 0);
	assert_priced(&l);
	look_release(&l);
	process_day(0, 1);
	l = look(b.today);
	assert_int_equal(l.newest.minimum_tenths, 99);
	assert_priced(&l);
	look_release(&l);
}

static int64_t
pending_of(const struct look *l, int64_t supplement_of)
{
	for (size_t i = 0; i < l->entries.count; i++)
		if (l->entries.rows[i].supplement_of == supplement_of && l->entries.rows[i].status == ENTRY_PENDING)
			return l->entries.rows[i].entry_id;
	return 0;
}

/* The entry of the day, and a supplement of it that was confirmed; the entry itself is the machine's again. 0: nothing was recorded later. */
static int64_t
entry_with_a_confirmed_part(void)
{
	struct look l;
	int64_t entry_id, part;

	fetch_day(0);
	process_day(0, 1);
	l = glance(b.today);
	entry_id = pending_of(&l, 0);
	look_release(&l);
	if (entry_id == 0)
		return 0;
	confirm_twice(0, entry_id, -1);
	fetch_day(0);
	l = glance(b.today);
	part = pending_of(&l, entry_id);
	look_release(&l);
	if (part == 0)
		return 0;
	confirm_twice(0, part, -1);
	let_go(0, entry_id);
	return entry_id;
}

/* Else the seconds of the part would be billed once more, with the entry that other rules move them to. */
static void
rows_stay_where_a_part_of_their_time_was_confirmed(void **state)
{
	struct user_get user = {.alp_user_id = USER};
	int tried = 0;

	(void)state;
	b.seed = 4713;
	assert_int_equal(CALL(app_user_get, &user), 0);
	user_get_release(&user);
	for (b.today = user.today; tried < 4 && b.today > user.today - 40; b.today--) {
		struct look before, after;

		b.fetched[0] = rowset_free(b.fetched[0]);
		if (entry_with_a_confirmed_part() == 0)
			continue;
		tried++;
		before = look(b.today);
		process_day(0, 4);
		after = look(b.today);
		assert_kept(&before, &after);
		assert_balance(b.today);
		look_release(&before);
		look_release(&after);
	}
	assert_int_equal(tried, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	    TEST(damaged_verdicts_are_found_out_and_the_next_processing_replaces_them),
	    TEST(verdicts_on_other_rows_leave_nothing_on_a_day_no_rules_have_seen),
	    TEST(a_policy_that_no_processing_brought_prices_nothing),
	    TEST(rows_stay_where_a_part_of_their_time_was_confirmed),
	    TEST(no_history_moves_what_a_person_has_or_loses_a_second),
#undef TEST
	};

	secret_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
