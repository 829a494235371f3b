/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fold.h"

#include <glib.h>
#include <string.h>

#include "base/alloc.h"

char *
text_fold(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *folded = g_utf8_casefold(valid, -1);
	g_autofree char *normal = g_utf8_normalize(folded, -1, G_NORMALIZE_DEFAULT);

	return xstrdup(normal != NULL ? normal : folded);
}

static void
text_contains(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	const char *part = (const char *)sqlite3_value_text(argv[0]);
	bool found = false;

	for (int i = 1; i < argc && !found && part != NULL; i++) {
		const char *text = (const char *)sqlite3_value_text(argv[i]);
		_cleanup_free_ char *folded = text != NULL ? text_fold(text) : NULL;

		found = folded != NULL && strstr(folded, part) != NULL;
	}
	sqlite3_result_int(context, found);
}

int
text_fold_register(struct txn *txn)
{
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;

	return txn_error(txn, sqlite3_create_function(txn->db, "text_contains", -1, flags, NULL, text_contains, NULL, NULL));
}
