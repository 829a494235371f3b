/* SPDX-License-Identifier: Apache-2.0 */
/* matters.h - the firm's list of matters: imported as a whole, read by page, and in the flat form in which workers judge by it.
 * The conventions are those of app.h.
 *
 * The flat form is made on a store thread, before an import is written and once at the start, and changes hands on the loop when the import is
 * committed: whoever is answered that it was imported finds every worker that is given its job from then on with that list.
 * Days that are stored stay as they are until somebody has them processed again.
 */
#ifndef RTALP_APP_MATTERS_H
#define RTALP_APP_MATTERS_H

#include "app/app.h"
#include "store/matter.h"

#define MATTERS_VERSION_MAX 64 /* bytes with the NUL */

struct flat_matters {
	int fd;                            /* a sealed memory file; -1: not loaded yet */
	char version[MATTERS_VERSION_MAX]; /* empty: no matters are known */
	bool of_alp;                       /* ALP's list, or imported by somebody */
};
/* Borrowed until the loop goes on. */
const struct flat_matters *app_matters(const struct app *app);

/* Once, at the start. -EBADMSG: what is stored is no list. */
struct matters_load {
	/* out */
	struct flat_matters matters; /* taken over by the app; fd to be -1 before */
};
void app_matters_load(struct app *app, struct matters_load *v, app_done_fn done, void *arg);

/* Puts a list in the place of the one there is. -EINVAL: `read` said no; -ERANGE, -EILSEQ, -E2BIG, -EEXIST: `wrong` is the row that is
 * too long, too short or otherwise none, is not text, is too much, or has the code of another. */
struct matters_put {
	/* in */
	/* Fills `page`, with the `arg` of `done`, on a store thread: must touch nothing that the loop may change meanwhile. -EINVAL. */
	int (*read)(struct matter_page *page, void *arg);
	struct matter_page page;
	bool of_alp;                 /* it is ALP's list */
	bool leave_out;              /* leaves rows out instead of saying which is wrong: but for -E2BIG */
	/* out */
	struct flat_matters matters; /* taken over by the app; fd to be -1 before */
	struct matter_import listing;
	bool changed;                /* it is another list than before */
	size_t wrong;
	size_t left_out;             /* how many were */
};
#define MATTERS_PUT_INIT ((struct matters_put){.matters = {.fd = -1}})
void app_matters_put(struct app *app, struct matters_put *v, app_done_fn done, void *arg);
void matters_put_release(struct matters_put *v);

struct matters_query {
	/* in */
	const char *after_code;    /* "": from the start */
	const char *text;          /* NULL: all; a part of code, name or client, in any case */
	int64_t limit;             /* 0: all */
	void (*render)(void *arg); /* as in struct entry_query */
	/* out */
	struct matter_page page;
};
void app_matters_query(struct app *app, struct matters_query *v, app_done_fn done, void *arg);
void matters_query_release(struct matters_query *v);

#endif
