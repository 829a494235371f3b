/* SPDX-License-Identifier: Apache-2.0 */
/* matters import, matters list. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "ctl/ctl.h"
#include "ctl/matter_file.h"
#include "ctl/table.h"
#include "ctl/url.h"

/* --- import ------------------------------------------------------------------------------------------------------------------- */

static int
read_all(int fd, struct buf *text)
{
	char piece[65536];
	ssize_t n;

	while ((n = read(fd, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (buf_add(text, piece, (size_t)n) < 0)
			return -EFBIG;
	}
	return 0;
}

static int
read_file(const char *path, struct buf *text)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (strcmp(path, "-") == 0) {
		r = read_all(STDIN_FILENO, text);
	} else {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		r = fd < 0 ? -errno : read_all(fd, text);
	}
	if (r < 0)
		say("%s: %s", path, strerror(-r));
	return r < 0 ? EXIT_STATUS_USAGE : EXIT_STATUS_OK;
}

static int
make_body(const char *path, struct buf *body)
{
	_cleanup_(buf_release) struct buf text = BUF_INIT(MATTER_FILE_MAX);
	_cleanup_(buf_release) struct buf fault = BUF_INIT(500);
	int r = read_file(path, &text);

	if (r != EXIT_STATUS_OK)
		return r;
	r = matter_file_convert(buf_str(&text), body, &fault);
	if (r < 0)
		say("%s: %s", path, fault.len > 0 ? fault.p : "is more than a list of matters may be: 16 MiB as JSON");
	return r < 0 ? EXIT_STATUS_USAGE : EXIT_STATUS_OK;
}

static void
print_import(struct ctl *ctl, struct json_object *told)
{
	fprintf(ctl->out.out, "%" PRId64 " matters, %s\n", json_number_of(told, "matters"),
	    json_flag_of(told, "changed") ? "for every day that is processed from now on" : "the same as before");
}

int
cmd_matters_import(struct ctl *ctl)
{
	_cleanup_(answer_release) struct answer a = {0};
	_cleanup_(buf_release) struct buf body = BUF_INIT(MATTER_FILE_MAX);
	int r = make_body(ctl->args.operand, &body);

	if (r == EXIT_STATUS_OK)
		r = ctl_ask(ctl, &(struct request){.method = "PUT", .path = "/api/matters", .body = buf_str(&body)}, &a);
	return r == EXIT_STATUS_OK ? ctl_show(ctl, &a, print_import) : r;
}

/* --- list --------------------------------------------------------------------------------------------------------------------- */

static const struct column matter_columns[] = {
    {.title = "MATTER"}, {.title = "OPEN"}, {.title = "CLIENT"}, {.title = "NAME", .flexible = true}, {.title = "ALIASES"},
};

static void
add_matter(struct table *t, struct json_object *matter)
{
	_cleanup_(buf_release) struct buf aliases = BUF_INIT(8192);
	struct json_object *list = json_member(matter, "aliases");

	for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list); i++)
		buf_addf(&aliases, "%s%s", i > 0 ? "; " : "", json_object_get_string(json_object_array_get_idx(list, i)));
	table_add(t, json_text_of(matter, "code"), COLOUR_NONE);
	table_add(t, json_flag_of(matter, "open") ? "yes" : "no", COLOUR_NONE);
	table_add(t, json_text_of(matter, "client"), COLOUR_NONE);
	table_add(t, json_text_of(matter, "name"), COLOUR_NONE);
	table_add(t, aliases.p, COLOUR_NONE);
}

int
cmd_matters_list(struct ctl *ctl)
{
	_cleanup_(table_freep) struct table *t = table_new(&ctl->out, matter_columns, ELEMENTSOF(matter_columns));
	_cleanup_(buf_release) struct buf path = BUF_INIT(4096);

	buf_addz(&path, "/api/matters");
	if (args_has(&ctl->args, OPT_Q))
		url_add(&path, "q", ctl->args.text[OPT_Q]);
	return ctl_list(ctl, path.p, t, add_matter);
}
