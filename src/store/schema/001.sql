-- SPDX-License-Identifier: Apache-2.0
-- 001.sql - the first schema. Applied in one transaction; never edited once released: what changes later is a file of its own.
--
-- Days are INTEGER days since 1970-01-01 (base/day.h): comparing and stepping them costs nothing, and a day that is not in the calendar
-- cannot be stored. Instants are INTEGER milliseconds since the epoch (UTC). The *_readable views show ISO dates to people.
--
-- alp_user_id leads every primary key of a user's data, so that one user's rows lie side by side and a sharded engine can split on it;
-- jobs and their history go by job_id instead, so that what is queued together is written side by side: a group of a hundred jobs of a
-- hundred users changes a few pages, not a hundred. Entries go by entry_id for the same reason: those that a day gets are appended, in pages that
-- are full then, where between the days of others every third would split a page. job_id and entry_id are global: they come from `counters`, are unique, and are never
-- given twice.
--
-- Invariants that no CHECK below can say; store_check() (check.h) verifies them:
--   - every change of a job's state wrote one row of job_history; the newest row's to_state is the job's state, queued if there is none
--   - events: the numbers have no gap; each change of a job's state has one, written by the same transaction
--   - turns: one row per (user, lane) that ever had a job. busy_job names a running job of that user and lane. due_ms is the least run_at_ms
--     of its queued jobs of kinds that are not paused; priority is the highest among those that were due when the row was last
--     refreshed; ripens_ms is when a queued job of a higher priority than that becomes due
--   - kinds.queued and kinds.running are the numbers of such jobs; their sum is the number of live jobs
--   - activity_log: the seconds of a user-day that is not pruned add up to captured_seconds - excluded_seconds; a pruned one has no rows
--   - (user, day, source_hash) of time_entries is unique: whoever inserts looks at its day (store/entry.c), because an index would make up a
--     fifth of what a new entry costs
--   - a supplement's root (supplement_of) is an entry of its user and day, and no supplement itself; rows name the root
--   - once its day is processed, the seconds of an entry and its supplements that are not confirmed are those of its rows, and of the rows of
--     entries merged into it, less what is frozen, at least 0; so without a confirmed one they are those of its rows
--   - what an entry is merged into is one of its user and day with rows of its own, and not merged itself
--   - activity_owners has as many numbers as its day has rows; the entry that one names is one of that user and day
--   - learned is the sums of lessons, by user, kind, key and matter; lessons are of confirmed entries, with their matter
--   - the verdicts that an entry names are there; of those that none names only the newest of their day is

-- Numbers that nearly every write changes, in one table, so that a commit changes one page for them.
CREATE TABLE tallies (
    kind INTEGER NOT NULL CHECK (kind >= 0), -- of jobs; 0: of all there is
    name TEXT NOT NULL,
    value INTEGER NOT NULL CHECK (value >= 0),
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
INSERT INTO tallies (kind, name, value) VALUES (0, 'job_id', 0), (0, 'entry_id', 0), (0, 'token_id', 0), (0, 'served', 0),
    (0, 'posting_id', 0), (0, 'webhook_id', 0), (0, 'delivery_id', 0);
CREATE VIEW counters AS SELECT name, value FROM tallies WHERE kind = 0;
CREATE VIEW kinds AS
    SELECT kind, max(iif(name = 'paused', value, 0)) AS paused, max(iif(name = 'queued', value, 0)) AS queued,
        max(iif(name = 'running', value, 0)) AS running
    FROM tallies WHERE kind > 0 GROUP BY kind;

CREATE TABLE users (
    alp_user_id INTEGER NOT NULL PRIMARY KEY CHECK (alp_user_id BETWEEN 1 AND 9007199254740991),
    time_zone TEXT NOT NULL, -- empty: the configured default
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    privacy TEXT NOT NULL DEFAULT '' -- what the user wants kept out at intake: lines "exclude=<application>", "hours=<work hours>"
) STRICT;

-- One row: what only this installation knows. Made at the first open; hashes of what callers sent are keyed with it.
CREATE TABLE install (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    secret BLOB NOT NULL CHECK (length(secret) = 32),
    backup_ms INTEGER NOT NULL DEFAULT 0 CHECK (backup_ms >= 0) -- when this copy was made of the store; 0: it is the store
) STRICT;

-- Each time the store was put back from a backup (restore.h). What was posted in between is in ALP and not here.
CREATE TABLE restores (
    restore_id INTEGER NOT NULL PRIMARY KEY CHECK (restore_id > 0),
    made_ms INTEGER NOT NULL, -- when the backup was made; 0: it did not say
    at_ms INTEGER NOT NULL,
    until_day INTEGER NOT NULL, -- of days up to this one time may be in ALP without our knowing
    examined_ms INTEGER NOT NULL DEFAULT 0 CHECK (examined_ms >= 0), -- when all of them had been compared with ALP; 0: not yet
    went_on_ms INTEGER NOT NULL DEFAULT 0 CHECK (went_on_ms >= 0) -- when somebody let posting go on; 0: it is held
) STRICT;

-- Requests with an Idempotency-Key that had their effect, and how they were answered (once.h).
CREATE TABLE once (
    caller INTEGER NOT NULL CHECK (caller >= 0), -- a token's id; 0: none was needed
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    asked BLOB NOT NULL CHECK (length(asked) = 32),
    answered_ms INTEGER NOT NULL,
    job_id INTEGER NOT NULL CHECK (job_id >= 0), -- the job that it asked for; 0: none
    status INTEGER NOT NULL CHECK (status BETWEEN 200 AND 299),
    head TEXT NOT NULL,
    body BLOB, -- NULL: it held a secret
    PRIMARY KEY (caller, key)
) STRICT;
CREATE INDEX once_by_age ON once (answered_ms);

-- Never the secret: BLAKE2b of it. A revoked or expired row stays, because without any row whoever is on this machine needs no token.
CREATE TABLE tokens (
    token_id INTEGER NOT NULL PRIMARY KEY CHECK (token_id > 0),
    name TEXT NOT NULL,
    scope INTEGER NOT NULL CHECK (scope BETWEEN 1 AND 3), -- enum token_scope: 1 service, 2 user, 3 operator
    alp_user_id INTEGER NOT NULL CHECK (alp_user_id BETWEEN 0 AND 9007199254740991), -- 0: not of one user
    read_only INTEGER NOT NULL CHECK (read_only IN (0, 1)),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL CHECK (expires_ms >= 0), -- 0: never
    revoked_ms INTEGER NOT NULL CHECK (revoked_ms >= 0), -- 0: not
    last_used_ms INTEGER NOT NULL CHECK (last_used_ms >= 0), -- 0: never; a minute late
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    CHECK ((scope = 2) = (alp_user_id > 0))
) STRICT;

-- Every rule set that ever judged a stored day (rule_set.h); days and their verdicts name it as rules_version.
CREATE TABLE rule_sets (
    version TEXT NOT NULL PRIMARY KEY CHECK (length(version) BETWEEN 1 AND 63),
    name TEXT NOT NULL,
    text BLOB NOT NULL CHECK (length(text) <= 1048576),
    first_ms INTEGER NOT NULL
) STRICT;

-- The firm's matters, as the list that was imported last has them (matter.h).
CREATE TABLE matters (
    code TEXT NOT NULL COLLATE NOCASE PRIMARY KEY CHECK (length(code) > 0),
    name TEXT NOT NULL,
    client TEXT NOT NULL,
    client_key TEXT NOT NULL, -- the client's words as titles are searched for them; empty: none
    is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
    listing INTEGER NOT NULL, -- the import that had it last
    updated_ms INTEGER NOT NULL -- when an import last changed it
) STRICT, WITHOUT ROWID;
CREATE INDEX matters_by_client ON matters (client_key) WHERE client_key <> '';
CREATE TABLE matter_aliases (
    code TEXT NOT NULL COLLATE NOCASE,
    alias TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (code, alias)
) STRICT, WITHOUT ROWID;
CREATE INDEX matter_aliases_by_name ON matter_aliases (alias);
-- One row once a list was imported: what the two tables above are.
CREATE TABLE matter_listing (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    listing INTEGER NOT NULL, -- 1, 2, 3..: how many imports changed something
    version TEXT NOT NULL, -- of the flat list (proto/matter_list.h)
    of_alp INTEGER NOT NULL CHECK (of_alp IN (0, 1)), -- or imported
    matters INTEGER NOT NULL CHECK (matters >= 0),
    changed_ms INTEGER NOT NULL
) STRICT;

-- What a rules check was asked with, and what came of it (rule_check.h): for a day, and nothing else is kept of one.
CREATE TABLE rule_checks (
    job_id INTEGER NOT NULL PRIMARY KEY CHECK (job_id > 0),
    alp_user_id INTEGER NOT NULL CHECK (alp_user_id BETWEEN 1 AND 9007199254740991),
    asked_ms INTEGER NOT NULL,
    rules BLOB NOT NULL CHECK (length(rules) <= 1048576),
    result BLOB -- JSON; NULL: there is none yet
) STRICT;
CREATE INDEX rule_checks_by_user ON rule_checks (alp_user_id, job_id);
CREATE INDEX rule_checks_by_age ON rule_checks (asked_ms);

CREATE TABLE jobs (
    job_id INTEGER NOT NULL PRIMARY KEY CHECK (job_id > 0),
    alp_user_id INTEGER NOT NULL CHECK (alp_user_id BETWEEN 1 AND 9007199254740991),
    kind INTEGER NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6), -- enum job_state: 1 queued, 2 running, 3.. finished
    priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 9),
    run_at_ms INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    finished_ms INTEGER NOT NULL,
    run INTEGER NOT NULL CHECK (run >= 0),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    crashes INTEGER NOT NULL CHECK (crashes >= 0),
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    next_day INTEGER NOT NULL,
    days_done INTEGER NOT NULL,
    process INTEGER NOT NULL CHECK (process IN (0, 1)),
    only_unprocessed INTEGER NOT NULL CHECK (only_unprocessed IN (0, 1)),
    waiting INTEGER NOT NULL CHECK (waiting IN (0, 1)),
    rows_seen INTEGER NOT NULL CHECK (rows_seen IN (0, 1)),
    cancel_requested INTEGER NOT NULL CHECK (cancel_requested IN (0, 1)),
    parent_job INTEGER NOT NULL CHECK (parent_job >= 0),
    error_code TEXT,
    error_detail TEXT,
    -- The user's key, sealed to the keeper (base/box.h); NULL: there is none, or no more. A job that is over has none.
    sealed_key BLOB CHECK (length(sealed_key) BETWEEN 75 AND 329),
    seal_id BLOB CHECK (length(seal_id) = 16),
    key_id BLOB CHECK (length(key_id) = 16),
    CHECK ((state >= 3) = (finished_ms <> 0)),
    CHECK ((sealed_key IS NULL) = (seal_id IS NULL) AND (sealed_key IS NULL) = (key_id IS NULL)),
    CHECK (state <= 2 OR sealed_key IS NULL)
) STRICT;
-- Every index of this table ends in job_id by itself, because that is the row's number. Small entries: a long queue is as fast as its indexes are
-- short.
CREATE INDEX jobs_by_user ON jobs (alp_user_id);
CREATE INDEX jobs_by_state ON jobs (state);
-- No index says which of a user's queued jobs is next, or which is the same as a new wish: users take turns, so each claim would change a page of
-- its own. The writer keeps both in memory (store/waiting.h) and reads them by jobs_by_state when the store is opened.
CREATE INDEX jobs_oldest ON jobs (kind, run_at_ms) WHERE state = 1;
CREATE INDEX jobs_child ON jobs (alp_user_id, parent_job) WHERE parent_job > 0;
CREATE INDEX jobs_finished ON jobs (finished_ms) WHERE finished_ms > 0;

CREATE TABLE job_history (
    job_id INTEGER NOT NULL,
    seq INTEGER NOT NULL, -- 1, 2, 3.. within a job
    at_ms INTEGER NOT NULL,
    from_state INTEGER NOT NULL CHECK (from_state BETWEEN 1 AND 6),
    to_state INTEGER NOT NULL CHECK (to_state BETWEEN 1 AND 6),
    run INTEGER NOT NULL,
    code TEXT,
    detail TEXT,
    PRIMARY KEY (job_id, seq)
) STRICT, WITHOUT ROWID;

-- What happened, for those who watch (store/event.h). Append only; pruned from its old end. A commit writes its rows side by side, and whoever
-- resumes reads a bounded piece of the new end, so there is no index besides the number.
CREATE TABLE events (
    event_id INTEGER NOT NULL PRIMARY KEY CHECK (event_id > 0), -- 1, 2, 3.. without a gap
    at_ms INTEGER NOT NULL,
    type INTEGER NOT NULL CHECK (type BETWEEN 1 AND 4), -- enum event_type: 1 job, 2 progress, 3 entries, 4 posting
    alp_user_id INTEGER NOT NULL,
    job_id INTEGER NOT NULL,
    parent_job INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    state INTEGER NOT NULL,
    run INTEGER NOT NULL,
    day INTEGER NOT NULL, -- -1: none
    days_done INTEGER NOT NULL,
    days_total INTEGER NOT NULL,
    code TEXT,
    posting_id INTEGER NOT NULL
) STRICT;

CREATE TABLE turns (
    alp_user_id INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    busy_job INTEGER NOT NULL DEFAULT 0, -- 0: free
    served INTEGER NOT NULL DEFAULT 0, -- a running number, taken at each claim: the lowest was served longest ago
    pace_arrival_ms INTEGER NOT NULL DEFAULT 0,
    due_ms INTEGER,
    priority INTEGER,
    ripens_ms INTEGER,
    PRIMARY KEY (alp_user_id, lane)
) STRICT, WITHOUT ROWID;
CREATE INDEX turns_ready ON turns (lane, priority DESC, served) WHERE busy_job = 0 AND priority IS NOT NULL;
CREATE INDEX turns_due ON turns (lane, due_ms) WHERE busy_job = 0 AND due_ms IS NOT NULL;
CREATE INDEX turns_ripening ON turns (ripens_ms) WHERE busy_job = 0 AND ripens_ms IS NOT NULL;

CREATE TABLE activity_day (
    alp_user_id INTEGER NOT NULL CHECK (alp_user_id BETWEEN 1 AND 9007199254740991),
    log_date INTEGER NOT NULL CHECK (log_date BETWEEN 0 AND 2932896),
    generation INTEGER NOT NULL,
    processed_generation INTEGER NOT NULL,
    fetched_ms INTEGER NOT NULL,
    captured_seconds INTEGER NOT NULL CHECK (captured_seconds >= 0),
    excluded_seconds INTEGER NOT NULL CHECK (excluded_seconds >= 0),
    bytes_replaced INTEGER NOT NULL CHECK (bytes_replaced >= 0),
    upstream_empty_since_ms INTEGER NOT NULL,
    upstream_empty_job INTEGER NOT NULL,
    upstream_empty_again_job INTEGER NOT NULL, -- a later job that saw it empty too, long enough after; 0: none
    rules_version TEXT NOT NULL,
    pruned_ms INTEGER NOT NULL DEFAULT 0 CHECK (pruned_ms >= 0), -- since when its rows are gone: nothing changes the day any more; 0: not
    PRIMARY KEY (alp_user_id, log_date),
    CHECK (processed_generation <= generation)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_day_unpruned ON activity_day (log_date) WHERE pruned_ms = 0;
CREATE INDEX activity_day_unprocessed ON activity_day (alp_user_id, log_date) WHERE generation > processed_generation;

CREATE TABLE time_entries (
    alp_user_id INTEGER NOT NULL CHECK (alp_user_id BETWEEN 1 AND 9007199254740991),
    entry_date INTEGER NOT NULL CHECK (entry_date BETWEEN 0 AND 2932896),
    entry_id INTEGER NOT NULL PRIMARY KEY CHECK (entry_id > 0),
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 4), -- enum entry_status: 1 pending, 2 submitted, 3 ignored, 4 withdrawn
    revision INTEGER NOT NULL CHECK (revision > 0),
    source_hash TEXT NOT NULL,
    supplement_of INTEGER NOT NULL DEFAULT 0 CHECK (supplement_of >= 0), -- the entry whose rows it is a part of; 0: it has rows of its own
    merged_into INTEGER NOT NULL DEFAULT 0 CHECK (merged_into >= 0), -- the entry that a person gave its rows to; 0: none
    application TEXT NOT NULL,
    task_description TEXT NOT NULL,
    total_seconds INTEGER NOT NULL CHECK (total_seconds >= 0),
    units_tenths INTEGER NOT NULL CHECK (units_tenths >= 0),
    matter_code TEXT,
    matter_rule TEXT,
    matter_evidence TEXT,
    rounding INTEGER NOT NULL,
    units_per INTEGER NOT NULL,
    minimum_tenths INTEGER NOT NULL,
    verdicts_id INTEGER NOT NULL CHECK (verdicts_id >= 0), -- the day_verdicts by which the machine decided it last, and so its rules; 0: none
    machine_values TEXT, -- what the machine said of its time before (app/past.h); NULL: always the same
    -- What a person said; the machine never writes these.
    person_application TEXT,
    person_description TEXT,
    person_units_tenths INTEGER NOT NULL DEFAULT -1 CHECK (person_units_tenths >= -1),
    person_matter TEXT,
    notes TEXT,
    frozen_seconds INTEGER NOT NULL DEFAULT -1 CHECK (frozen_seconds >= -1),
    drift_seconds INTEGER NOT NULL DEFAULT 0, -- of a confirmed entry: recorded less confirmed, its supplements included
    confirmed_ms INTEGER NOT NULL DEFAULT 0 CHECK (confirmed_ms >= 0),
    rows_vanished INTEGER NOT NULL DEFAULT 0 CHECK (rows_vanished BETWEEN 0 AND 1),
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    -- Put so that a new entry costs the fewest steps.
    CHECK ((status <> 2 AND frozen_seconds < 0) OR (status = 2 AND frozen_seconds >= 0)),
    CHECK (merged_into = 0 OR (status = 4 AND supplement_of = 0))
) STRICT;
-- Ends in entry_id by itself.
CREATE INDEX time_entries_by_day ON time_entries (alp_user_id, entry_date);
CREATE INDEX time_entries_supplements ON time_entries (supplement_of) WHERE supplement_of > 0;
CREATE INDEX time_entries_merged ON time_entries (merged_into) WHERE merged_into > 0;
-- For what is watched (sample.h).
CREATE INDEX time_entries_confirmed ON time_entries (confirmed_ms) WHERE status = 2;
CREATE INDEX time_entries_drifted ON time_entries (drift_seconds) WHERE drift_seconds <> 0;

-- One row per (user, day, activity, document); text compares by bytes.
CREATE TABLE activity_log (
    alp_user_id INTEGER NOT NULL,
    log_date INTEGER NOT NULL CHECK (log_date BETWEEN 0 AND 2932896),
    activity TEXT NOT NULL,
    document TEXT NOT NULL,
    category TEXT NOT NULL,
    productivity INTEGER NOT NULL CHECK (productivity BETWEEN -2 AND 2),
    time_spent_seconds INTEGER NOT NULL CHECK (time_spent_seconds >= 0),
    PRIMARY KEY (alp_user_id, log_date, activity, document)
) STRICT, WITHOUT ROWID;

-- Where the rows of a day belong (owners.h; the view activity_owned spells it out): apart from the rows, because to write it beside each of them
-- would cost as much as their entries. A day without one: nothing of it is processed. With a rowid, because rows this long would make the
-- key's tree deep.
CREATE TABLE activity_owners (
    alp_user_id INTEGER NOT NULL,
    log_date INTEGER NOT NULL CHECK (log_date BETWEEN 0 AND 2932896),
    first_entry INTEGER NOT NULL CHECK (first_entry > 0),
    width INTEGER NOT NULL CHECK (width BETWEEN 1 AND 20),
    numbers TEXT NOT NULL CHECK (length(numbers) % width = 0), -- one a row in the order of their key, each of `width` characters
    rules TEXT NOT NULL, -- JSON array
    PRIMARY KEY (alp_user_id, log_date)
) STRICT;

-- Of a pruned day: how much each rule had dropped. The rest of its time is in its entries.
CREATE TABLE day_filtered (
    alp_user_id INTEGER NOT NULL,
    log_date INTEGER NOT NULL CHECK (log_date BETWEEN 0 AND 2932896),
    rule TEXT NOT NULL, -- empty: never processed
    seconds INTEGER NOT NULL CHECK (seconds >= 0),
    rows INTEGER NOT NULL CHECK (rows > 0),
    PRIMARY KEY (alp_user_id, log_date, rule)
) STRICT, WITHOUT ROWID;

-- The 5-minute rows of a day as one rowset (proto/rowset.h). With a rowid, because rows this long would make the key's tree deep.
CREATE TABLE activity_grain (
    alp_user_id INTEGER NOT NULL,
    log_date INTEGER NOT NULL CHECK (log_date BETWEEN 0 AND 2932896),
    rowset BLOB NOT NULL,
    PRIMARY KEY (alp_user_id, log_date)
) STRICT;

-- What the rules said of each row of a day, as one rowset: how its entries came about. Every processing that changed something has one.
CREATE TABLE day_verdicts (
    alp_user_id INTEGER NOT NULL,
    log_date INTEGER NOT NULL CHECK (log_date BETWEEN 0 AND 2932896),
    verdicts_id INTEGER NOT NULL CHECK (verdicts_id > 0), -- 1, 2, 3.. within a day
    rules_version TEXT NOT NULL,
    matters_version TEXT NOT NULL, -- of the list of matters; empty: none was known
    -- The policy by which the day is priced from then on.
    rounding INTEGER NOT NULL CHECK (rounding BETWEEN 1 AND 2),
    units_per INTEGER NOT NULL CHECK (units_per BETWEEN 0 AND 2),
    minimum_tenths INTEGER NOT NULL CHECK (minimum_tenths >= 0),
    made_ms INTEGER NOT NULL,
    verdicts BLOB NOT NULL,
    PRIMARY KEY (alp_user_id, log_date, verdicts_id)
) STRICT;

-- What each confirmed entry with a matter teaches for suggestions to the same user (learned.h), and the sums of that.
CREATE TABLE lessons (
    alp_user_id INTEGER NOT NULL CHECK (alp_user_id BETWEEN 1 AND 9007199254740991),
    entry_id INTEGER NOT NULL,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3), -- enum lesson_kind: 1 document, 2 client, 3 application
    key TEXT NOT NULL CHECK (key <> ''),
    matter_code TEXT NOT NULL CHECK (matter_code <> ''),
    seconds INTEGER NOT NULL CHECK (seconds >= 0),
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (alp_user_id, entry_id, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX lessons_by_key ON lessons (alp_user_id, kind, key, matter_code);
CREATE INDEX lessons_by_age ON lessons (alp_user_id, at_ms, entry_id);
CREATE TABLE learned (
    alp_user_id INTEGER NOT NULL CHECK (alp_user_id BETWEEN 1 AND 9007199254740991),
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),
    key TEXT NOT NULL,
    matter_code TEXT NOT NULL,
    times INTEGER NOT NULL CHECK (times > 0),
    seconds INTEGER NOT NULL CHECK (seconds >= 0),
    last_ms INTEGER NOT NULL,
    PRIMARY KEY (alp_user_id, kind, key, matter_code)
) STRICT, WITHOUT ROWID;

-- The outbox: what is to be in ALP, and what is known of whether it is (posting.h). Never deleted: it is the proof of what was billed.
CREATE TABLE postings (
    posting_id INTEGER NOT NULL PRIMARY KEY CHECK (posting_id > 0),
    alp_user_id INTEGER NOT NULL CHECK (alp_user_id BETWEEN 1 AND 9007199254740991),
    entry_id INTEGER NOT NULL CHECK (entry_id >= 0), -- 0: posted without an entry of ours
    entry_revision INTEGER NOT NULL CHECK (entry_revision >= 0),
    entry_date INTEGER NOT NULL CHECK (entry_date BETWEEN 0 AND 2932896),
    component_id INTEGER NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 8), -- enum posting_state
    body TEXT NOT NULL,
    body_hash BLOB NOT NULL CHECK (length(body_hash) = 32),
    idempotency_key TEXT NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 64),
    reference TEXT NOT NULL CHECK (length(reference) BETWEEN 1 AND 32),
    units INTEGER NOT NULL CHECK (units >= 0),
    units_tenths INTEGER NOT NULL CHECK (units_tenths >= 0),
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    maybe_sent INTEGER NOT NULL DEFAULT 0 CHECK (maybe_sent BETWEEN 0 AND attempts),
    looks INTEGER NOT NULL DEFAULT 0 CHECK (looks >= 0),
    next_ms INTEGER NOT NULL,
    preimage TEXT,
    alp_entry_id TEXT,
    alp_state INTEGER NOT NULL DEFAULT 0 CHECK (alp_state BETWEEN 0 AND 5), -- enum posting_alp_state
    answer TEXT,
    differences TEXT,
    evidence TEXT,
    problem_code TEXT,
    problem_detail TEXT,
    missed INTEGER NOT NULL DEFAULT 0 CHECK (missed >= 0),
    missed_ms INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    sending_ms INTEGER NOT NULL DEFAULT 0,
    posted_ms INTEGER NOT NULL DEFAULT 0,
    seen_ms INTEGER NOT NULL DEFAULT 0,
    sync_ms INTEGER NOT NULL DEFAULT 0,
    CHECK ((state IN (4, 8)) = (posted_ms > 0)),
    CHECK (state NOT IN (4, 8) OR alp_entry_id IS NOT NULL),
    CHECK (state <> 2 OR sending_ms > 0)
) STRICT;
CREATE UNIQUE INDEX postings_by_key ON postings (idempotency_key);
CREATE UNIQUE INDEX postings_by_reference ON postings (reference);
CREATE UNIQUE INDEX postings_of_entry ON postings (entry_id) WHERE entry_id > 0 AND state NOT IN (5, 7, 8);
CREATE UNIQUE INDEX postings_adopted ON postings (alp_entry_id) WHERE alp_entry_id IS NOT NULL;
-- One in flight in a lane.
CREATE UNIQUE INDEX postings_in_flight ON postings (alp_user_id, entry_date, component_id) WHERE state IN (2, 3);
CREATE INDEX postings_ready ON postings (alp_user_id, next_ms) WHERE state = 1;
CREATE INDEX postings_to_look ON postings (next_ms) WHERE state = 3;
CREATE INDEX postings_sending ON postings (state) WHERE state = 2;
CREATE INDEX postings_counted ON postings (state) WHERE state > 0; -- for sample.h; partial, so that no other statement is drawn to it
CREATE INDEX postings_next ON postings (next_ms) WHERE state IN (1, 3);
CREATE INDEX postings_by_day ON postings (alp_user_id, entry_date);
CREATE INDEX postings_by_user ON postings (alp_user_id); -- and posting_id
CREATE INDEX postings_by_entry ON postings (entry_id) WHERE entry_id > 0; -- and posting_id
CREATE INDEX postings_by_hash ON postings (body_hash);
CREATE INDEX postings_to_sync ON postings (sync_ms) WHERE state IN (4, 8);

CREATE TABLE posting_history (
    posting_id INTEGER NOT NULL,
    seq INTEGER NOT NULL, -- 1, 2, 3.. within a posting
    at_ms INTEGER NOT NULL,
    from_state INTEGER NOT NULL CHECK (from_state BETWEEN 0 AND 8), -- 0: it was made
    to_state INTEGER NOT NULL CHECK (to_state BETWEEN 1 AND 8),
    attempt INTEGER NOT NULL,
    code TEXT,
    detail TEXT,
    PRIMARY KEY (posting_id, seq)
) STRICT, WITHOUT ROWID;

-- Who did what to an entry or a posting (audit.h). Append only: the triggers refuse everything else.
CREATE TABLE audit (
    audit_id INTEGER NOT NULL PRIMARY KEY CHECK (audit_id > 0), -- 1, 2, 3.. without a gap
    at_ms INTEGER NOT NULL,
    actor_kind INTEGER NOT NULL CHECK (actor_kind BETWEEN 0 AND 4), -- enum actor_kind
    actor_id INTEGER NOT NULL,
    actor_name TEXT NOT NULL, -- a token's, as it was then
    action INTEGER NOT NULL CHECK (action BETWEEN 1 AND 16), -- enum audit_action
    alp_user_id INTEGER NOT NULL CHECK (alp_user_id BETWEEN 0 AND 9007199254740991), -- whose things; 0: of nobody in particular
    entry_id INTEGER NOT NULL CHECK (entry_id >= 0),
    posting_id INTEGER NOT NULL CHECK (posting_id >= 0),
    contents_hash BLOB NOT NULL CHECK (length(contents_hash) = 32), -- salted: says nothing once the salt is gone
    link BLOB NOT NULL CHECK (length(link) = 32) -- of the row before, of this row, and of contents_hash
) STRICT;
CREATE INDEX audit_by_user ON audit (alp_user_id);
CREATE INDEX audit_by_entry ON audit (entry_id) WHERE entry_id > 0;
-- What it was about. Beside the rows, so that it can be erased and the chain still holds.
CREATE TABLE audit_contents (
    audit_id INTEGER NOT NULL PRIMARY KEY,
    alp_user_id INTEGER NOT NULL,
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    before TEXT,
    after TEXT
) STRICT;
CREATE INDEX audit_contents_by_user ON audit_contents (alp_user_id);
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit is append only'); END;
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit is append only'); END;
CREATE TRIGGER audit_contents_stay BEFORE UPDATE ON audit_contents BEGIN SELECT raise(ABORT, 'the audit is append only'); END;

-- Who asked to be told of what (store/webhook.h), and what is to be told, one row for each of them (store/notice.h).
CREATE TABLE webhooks (
    webhook_id INTEGER NOT NULL PRIMARY KEY CHECK (webhook_id > 0),
    url TEXT NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
    description TEXT NOT NULL,
    types INTEGER NOT NULL CHECK (types > 0), -- bits 1 << enum notice_type
    secret BLOB NOT NULL CHECK (length(secret) BETWEEN 1 AND 160), -- sealed (base/box.h)
    old_secret BLOB CHECK (length(old_secret) BETWEEN 1 AND 160), -- the one before it; signs too until old_until_ms
    old_until_ms INTEGER NOT NULL DEFAULT 0 CHECK (old_until_ms >= 0),
    disabled_ms INTEGER NOT NULL DEFAULT 0 CHECK (disabled_ms >= 0), -- 0: it is told
    disabled_code TEXT, -- why not
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    CHECK ((disabled_ms > 0) = (disabled_code IS NOT NULL)),
    CHECK (old_until_ms = 0 OR old_secret IS NOT NULL)
) STRICT;
CREATE TABLE webhook_deliveries (
    delivery_id INTEGER NOT NULL PRIMARY KEY CHECK (delivery_id > 0),
    webhook_id INTEGER NOT NULL,
    message_id TEXT NOT NULL CHECK (length(message_id) = 36), -- webhook-id: the same at every attempt
    type INTEGER NOT NULL CHECK (type BETWEEN 1 AND 6), -- enum notice_type
    body TEXT NOT NULL CHECK (length(body) <= 4096), -- JSON as it is sent
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3), -- enum delivery_state: 1 pending, 2 delivered, 3 failed
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0), -- of the schedule it is in: sending it again begins a new one
    next_ms INTEGER NOT NULL, -- when a pending one is tried next
    created_ms INTEGER NOT NULL,
    finished_ms INTEGER NOT NULL DEFAULT 0,
    CHECK ((state = 1) = (finished_ms = 0))
) STRICT;
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_ms) WHERE state = 1;
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (finished_ms) WHERE finished_ms > 0;
CREATE TABLE webhook_attempts (
    delivery_id INTEGER NOT NULL,
    seq INTEGER NOT NULL, -- 1, 2, 3.. within a delivery
    at_ms INTEGER NOT NULL,
    took_ms INTEGER NOT NULL,
    status INTEGER NOT NULL, -- of the answer; 0: there was none
    code TEXT,
    detail TEXT,
    PRIMARY KEY (delivery_id, seq)
) STRICT, WITHOUT ROWID;
-- Days that a process job made ready for review so far; told of and removed when it is over.
CREATE TABLE ready_days (
    job_id INTEGER NOT NULL PRIMARY KEY CHECK (job_id > 0),
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    CHECK (from_day <= to_day)
) STRICT;

-- Of a user's day: units that we posted, and those that ALP held of us when it was asked last (alp_proof.h).
CREATE TABLE alp_proofs (
    alp_user_id INTEGER NOT NULL CHECK (alp_user_id BETWEEN 1 AND 9007199254740991),
    day INTEGER NOT NULL CHECK (day BETWEEN 0 AND 2932896),
    proved_ms INTEGER NOT NULL,
    posted_units INTEGER NOT NULL,
    alp_units INTEGER NOT NULL,
    difference_count INTEGER NOT NULL CHECK (difference_count >= 0),
    differences TEXT NOT NULL, -- JSON array
    PRIMARY KEY (alp_user_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX alp_proofs_by_day ON alp_proofs (day DESC, alp_user_id);
-- The day on which the nightly proof was begun last.
CREATE TABLE alp_proof_run (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    day INTEGER NOT NULL
) STRICT;

-- Where each row belongs: entry_id is the entry it became part of, of the same user and day; a number below 0 says which of `rules` dropped it; one
-- that is 0, that it is not processed yet.
CREATE VIEW activity_owned AS
    WITH row AS (
        SELECT *, row_number() OVER (PARTITION BY alp_user_id, log_date ORDER BY activity, document) AS place FROM activity_log
    ), numbered AS (
        SELECT row.*, o.first_entry, o.rules, coalesce(CAST(substr(o.numbers, 1 + (place - 1) * o.width, o.width) AS INTEGER), 0) AS number
        FROM row LEFT JOIN activity_owners o ON o.alp_user_id = row.alp_user_id AND o.log_date = row.log_date
    )
    SELECT alp_user_id, log_date, activity, document, category, productivity, time_spent_seconds,
        iif(number > 0, first_entry + number - 1, NULL) AS entry_id, number, rules
    FROM numbered;
CREATE VIEW activity_log_readable AS
    SELECT alp_user_id, date(log_date * 86400, 'unixepoch') AS log_date, activity, document, category, productivity,
        time_spent_seconds, entry_id, iif(number < 0, json_extract(rules, '$[' || (-number - 1) || ']'), NULL) AS rule
    FROM activity_owned;
CREATE VIEW time_entries_readable AS
    SELECT entry_id, alp_user_id, date(entry_date * 86400, 'unixepoch') AS entry_date,
        CASE status WHEN 1 THEN 'pending' WHEN 2 THEN 'submitted' WHEN 3 THEN 'ignored' WHEN 4 THEN 'withdrawn' END AS status,
        coalesce(person_application, application) AS application, coalesce(person_description, task_description) AS task_description, total_seconds,
        (CASE person_units_tenths WHEN -1 THEN units_tenths ELSE person_units_tenths END) / 10.0 AS time_units,
        nullif(coalesce(person_matter, matter_code), '') AS matter_code, notes, source_hash
    FROM time_entries;
CREATE VIEW jobs_readable AS
    SELECT job_id, alp_user_id, kind,
        CASE state WHEN 1 THEN 'queued' WHEN 2 THEN 'running' WHEN 3 THEN 'succeeded' WHEN 4 THEN 'failed'
            WHEN 5 THEN 'cancelled' WHEN 6 THEN 'key_lost' END AS state,
        priority, datetime(run_at_ms / 1000, 'unixepoch') AS run_at, datetime(created_ms / 1000, 'unixepoch') AS created,
        date(from_day * 86400, 'unixepoch') AS from_day, date(to_day * 86400, 'unixepoch') AS to_day, attempts, error_code
    FROM jobs;

PRAGMA application_id = 1381254476; -- "RTAL"
