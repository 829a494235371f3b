/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that ALP answered with: no list and no entry, or every piece taken out of them is JSON itself and lies within. The first line is a header. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alp/alp_internal.h"
#include "alp/json_text.h"
#include "base/alloc.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct alp_options options = {
    .list_max_bytes = 65536,
    .paging = ALP_PAGING_OFFSET,
    .page_parameter = "page",
    .offset_parameter = "offset",
    .size_parameter = "per_page",
    .items_field = "items",
    .entry_field = "",
    .id_field = "id",
    .reference_field = "reference",
    .status_field = "status",
    .date_field = "date",
    .user_field = "user_id",
    .component_field = "matter_component_id",
    .units_field = "units",
    .rate_field = "rate",
    .billable_type_field = "billable_type",
    .gst_type_field = "gst_type",
    .description_field = "description",
    .notes_field = "notes",
    .open_words = "open",
    .invoiced_words = "invoiced",
    .written_off_words = "written_off",
    .deleted_words = "deleted",
};

static void
within(struct str whole, struct str part)
{
	if (part.p < whole.p || part.len > whole.len || (size_t)(part.p - whole.p) > whole.len - part.len)
		abort();
}

static void
check_entry(struct str object)
{
	struct alp_entry e = {0};

	if (alp_entry_parse(&options, object, &e) < 0)
		return;
	if (e.id[0] == '\0' || e.state < ALP_ENTRY_OPEN || e.state > ALP_ENTRY_OTHER || e.day > DAY_MAX || e.day < -1)
		abort();
	if ((e.description != NULL && !utf8_valid(str_of(e.description))) || (e.json != NULL && json_text_check(str_of(e.json)) < 0))
		abort();
	alp_entry_release(&e);
}

static void
check_scalar(struct str value)
{
	struct buf text = BUF_INIT(1024);
	int64_t number = 0;

	if (json_text_add_string(value, &text) == 0 && !utf8_valid(buf_str(&text)))
		abort();
	if (json_text_to_i64(value, &number) == 0 && number == ALP_ABSENT)
		abort();
	buf_release(&text);
}

static void
check_text(struct str text)
{
	struct str list = text, item, value;
	size_t count = 0;

	if (json_text_is_array(text))
		for (; json_text_next(&list, &item); count++) {
			within(text, item);
			if (json_text_check(item) < 0)
				abort();
			check_scalar(item);
			check_entry(item);
		}
	if (count > text.len)
		abort();
	if (json_text_member(text, "id", &value)) {
		within(text, value);
		if (json_text_check(value) < 0)
			abort();
		check_scalar(value);
	}
	check_entry(text);
	check_scalar(text);
}

/* What was gathered from pages is a list again. */
static void
check_pages(struct str text)
{
	struct alp_pages pages;
	struct web_answer answer = {.body = BUF_INIT(text.len)};
	size_t count;

	buf_add_str(&answer.body, text);
	alp_pages_init(&pages, &options, options.list_max_bytes);
	for (int i = 0; i < 2 && alp_pages_add(&pages, &answer, &count) == 0; i++) {
		char *url = NULL;

		if (alp_pages_next(&pages, "https://a/b", "https://a/b", NULL, count, &url) < 0 || (count > 0 && i > 0 && !pages.contradicts))
			abort();
		free(url);
	}
	if (pages.page_count == 2) {
		alp_pages_close(&pages);
		if (pages.items.error == 0 && json_text_check(buf_str(&pages.items)) < 0)
			abort();
	}
	alp_pages_release(&pages);
	buf_release(&answer.body);
}

static void
check_header(struct str line)
{
	char *value = xstrndup(line.p, line.len);
	int64_t ms = web_retry_after_ms(value, 1447850000000);
	struct str target;

	if (ms < 0 || ms > 24 * 3600 * 1000)
		abort();
	if (web_link_next(str_of(value), &target))
		within(str_of(value), target);
	free(value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Exactly as long, so that reading on behind it shows. */
	char *bytes = xmemdup(data, size, 1);
	const char *feed = size > 0 ? memchr(bytes, '\n', size) : NULL;
	struct str line = {bytes, feed != NULL ? (size_t)(feed - bytes) : 0}, text = {bytes + line.len, size - line.len};

	check_header(line);
	check_pages(text);
	if (json_text_check(text) == 0)
		check_text(text);
	free(bytes);
	return 0;
}
