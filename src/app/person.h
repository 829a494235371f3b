/* SPDX-License-Identifier: Apache-2.0 */
/* person.h - everything held of one user is handed out, or erased (store/person.h). Either leaves a row in the audit. Threads: the loop's. */
#ifndef RTALP_APP_PERSON_H
#define RTALP_APP_PERSON_H

#include "app/app.h"
#include "base/actor.h"
#include "base/json.h"
#include "store/person.h"
#include "store/token.h"

#define PERSON_EXPORT_MAX ((size_t)512 * 1024 * 1024)

/* The row of the audit is committed before anything is read. -E2BIG: more than PERSON_EXPORT_MAX. */
struct person_export {
	/* in */
	struct actor actor;
	int64_t alp_user_id;
	/* out */
	struct json out;
	/* its own */
	struct app *app;
	app_done_fn done;
	void *arg;
};
void app_person_export(struct app *app, struct person_export *v, app_done_fn done, void *arg);
void person_export_release(struct person_export *v);

/* -EALREADY: a backup is being made, which reads the store as it was. -EPERM: `busy` says with what. Tokens of that user are worthless from then on. */
struct person_erase {
	/* in */
	struct actor actor;
	int64_t alp_user_id;
	/* out */
	struct person_busy busy;
	/* its own */
	struct token_list tokens;
};
void app_person_erase(struct app *app, struct person_erase *v, app_done_fn done, void *arg);
void person_erase_release(struct person_erase *v);

#endif
