/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that a peer sent as a matter list: refused, or every invariant of matter_list.h holds and names lead to matters. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "proto/matter_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_string(struct str s, size_t max_bytes)
{
	if (s.p[s.len] != '\0' || s.len > max_bytes || !utf8_valid(s))
		abort();
}

static void
check_matter(const struct matter_list *list, size_t i)
{
	const struct matter_view m = matter_list_at(list, i);

	check_string(m.code, MATTER_CODE_MAX);
	check_string(m.name, MATTER_TEXT_MAX);
	check_string(m.client, MATTER_TEXT_MAX);
	if (m.code.len == 0 || (i > 0 && str_cmp(matter_list_at(list, i - 1).code, m.code) >= 0))
		abort();
}

static void
check_name(const struct matter_list *list, size_t i)
{
	const struct matter_name n = matter_list_name(list, i);
	struct matter_name found;

	check_string(n.text, MATTER_ALIAS_MAX);
	if (n.matter >= matter_list_count(list) || !matter_list_may_begin(list, n.text.p[0]))
		abort();
	if (!n.is_alias && !str_eq(n.text, matter_list_at(list, n.matter).code))
		abort();
	if (!matter_list_find(list, n.text, &found) || found.matter != n.matter || !str_eq(found.text, n.text))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(matter_list_freep) struct matter_list *list = NULL;
	int r = matter_list_parse((struct str){.p = (const char *)data, .len = size}, &list);

	if (r < 0) {
		if (r != -EBADMSG || list != NULL)
			abort();
		return 0;
	}
	for (size_t i = 0; i < matter_list_count(list); i++)
		check_matter(list, i);
	for (size_t i = 0; i < matter_list_name_count(list); i++)
		check_name(list, i);
	return 0;
}
