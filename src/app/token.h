/* SPDX-License-Identifier: Apache-2.0 */
/* token.h - tokens, as the front end uses them: made, listed, revoked, and shown by callers. The conventions are those of app.h.
 *
 * What a token may do is decided by the front end (http/caller.h); an operator is the administrator and may make a token of any scope.
 * The text of a token exists in the verb that made it, in the answer to it, and with its holder; we keep a hash.
 */
#ifndef RTALP_APP_TOKEN_H
#define RTALP_APP_TOKEN_H

#include "app/app.h"
#include "app/token_text.h"
#include "store/token.h"

/* -EDQUOT: there are TOKENS_MAX. */
struct token_create {
	/* in */
	struct once *once;         /* NULL: none */
	const char *name;          /* at most TOKEN_NAME_CHARS; NULL: none */
	enum token_scope scope;
	int64_t alp_user_id;       /* of TOKEN_USER; else 0 */
	bool read_only;
	int64_t expires_ms;        /* 0: never */
	/* out */
	struct token_row token;
	char text[TOKEN_TEXT_SIZE]; /* the only time it is seen */
};
void app_token_create(struct app *app, struct token_create *v, app_done_fn done, void *arg);
void token_create_release(struct token_create *v); /* wipes */

/* -ENOENT. */
struct token_get {
	int64_t token_id;
	/* out */
	struct token_row token;
};
void app_token_get(struct app *app, struct token_get *v, app_done_fn done, void *arg);

/* Newest first. */
struct token_query {
	int64_t below_id;          /* 0: all */
	int64_t limit;             /* 0: all */
	/* out */
	struct token_list list;
};
void app_token_query(struct app *app, struct token_query *v, app_done_fn done, void *arg);
void token_query_release(struct token_query *v);

/* It is worth nothing from before `done` on. Revoking twice is as good as once. -ENOENT. */
struct token_revoke {
	int64_t token_id;
};
void app_token_revoke(struct app *app, struct token_revoke *v, app_done_fn done, void *arg);

/* --- without the store ----------------------------------------------------------------------------------------------- */

/* To be done before the first request; `done` as ever. */
void app_tokens_load(struct app *app, app_done_fn done, void *arg);
/* Was any ever made? Revoked and expired ones count: tokenless operation does not come back by itself. */
bool app_has_tokens(const struct app *app);
/* Stores which tokens were used when; for now and then, and before the store is closed. */
void app_tokens_flush(struct app *app);

struct token_holder {
	int64_t token_id;
	enum token_scope scope;
	int64_t alp_user_id;
	bool read_only;
};
/* WRONG is a guess or a mistake; DEAD was right once, and its holder still has the right secret. A client must hear the same of both. */
enum token_verdict { TOKEN_GOOD, TOKEN_WRONG, TOKEN_DEAD };
/* *ret_holder is untouched unless it is good. In constant time as far as the secret goes. */
enum token_verdict app_token_check(struct app *app, struct str text, int64_t now_ms, struct token_holder *ret_holder);
/* Is what was found good then still good now? For what lives longer than a request. */
bool app_token_alive(const struct app *app, int64_t token_id, int64_t now_ms);

#endif
