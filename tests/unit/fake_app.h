/* SPDX-License-Identifier: Apache-2.0 */
/* fake_app.h - what the files of fake_app share. */
#ifndef RTALP_TESTS_FAKE_APP_H
#define RTALP_TESTS_FAKE_APP_H

#include "app/app.h"

/* Calls `done` when the verb would be done. */
void fake_answer(struct app *app, int r, app_done_fn done, void *arg);
/* What a verb answers that is asked for this user or thing. */
int fake_verdict(int64_t id, struct app_fault *fault);

#endif
