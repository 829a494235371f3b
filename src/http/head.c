/* SPDX-License-Identifier: Apache-2.0 */
#include "http/head.h"

#include <errno.h>
#include <strings.h>

#include "base/macro.h"
#include "http/words.h"

#define EMPTY_LINES_MAX 4

static const struct {
	const char *name;
	enum http_method method;
} methods[] = {
    {"GET", METHOD_GET},     {"HEAD", METHOD_HEAD},     {"POST", METHOD_POST},       {"PUT", METHOD_PUT},
    {"PATCH", METHOD_PATCH}, {"DELETE", METHOD_DELETE}, {"OPTIONS", METHOD_OPTIONS},
};

const char *
http_method_name(enum http_method method)
{
	for (size_t i = 0; i < ELEMENTSOF(methods); i++)
		if (methods[i].method == method)
			return methods[i].name;
	return "?";
}

static int
refuse(struct refusal *ret, int status, const char *code, const char *detail)
{
	*ret = (struct refusal){status, code, detail};
	return -EPROTO;
}

static bool
is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_token_char(s.p[i]))
			return false;
	return s.len > 0;
}

/* Visible ASCII, spaces, tabs and whatever is beyond ASCII; no control character. */
static bool
is_field_value(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static struct str
cut(struct str s, size_t from, size_t to)
{
	return (struct str){.p = s.p + from, .len = to - from};
}

/* A line without its CRLF. -EAGAIN: it is not all there; -EPROTO: it ends in a bare line feed. */
static int
next_line(struct str *rest, struct str *ret_line)
{
	const char *lf = rest->len > 0 ? memchr(rest->p, '\n', rest->len) : NULL;
	size_t len;

	if (lf == NULL)
		return -EAGAIN;
	len = (size_t)(lf - rest->p);
	if (len == 0 || rest->p[len - 1] != '\r')
		return -EPROTO;
	*ret_line = cut(*rest, 0, len - 1);
	*rest = cut(*rest, len + 1, rest->len);
	return 0;
}

/* http://authority/path becomes /path, and the authority counts instead of Host. */
static void
split_absolute(struct head *head)
{
	static const char scheme[] = "http://";
	size_t skip = sizeof scheme - 1, end;

	if (head->target.len <= skip || strncasecmp(head->target.p, scheme, skip) != 0)
		return;
	for (end = skip; end < head->target.len && strchr("/?", head->target.p[end]) == NULL;)
		end++;
	head->authority = cut(head->target, skip, end);
	head->target = end < head->target.len ? cut(head->target, end, head->target.len) : STR("/");
}

/* What delimits a target elsewhere may not stand in one: it is echoed in a Link, and some readers cut off a fragment. */
static bool
is_target_char(char c)
{
	return c > ' ' && c < 0x7f && strchr("\"#<>", c) == NULL;
}

static int
check_target(struct head *head, struct refusal *ret_refusal)
{
	for (size_t i = 0; i < head->target.len; i++)
		if (!is_target_char(head->target.p[i]))
			return refuse(ret_refusal, 400, "bad_request", "The request target holds a character that must be encoded.");
	split_absolute(head);
	if (head->authority.p != NULL && head->authority.len == 0)
		return refuse(ret_refusal, 400, "bad_request", "The request target names no host.");
	if (head->target.len > 0 && head->target.p[0] == '/')
		return 0;
	if (head->method == METHOD_OPTIONS && str_eq(head->target, STR("*")))
		return 0;
	return refuse(ret_refusal, 400, "bad_request", "The request target must begin with a slash.");
}

static int
parse_version(struct str version, struct head *head, struct refusal *ret_refusal)
{
	if (version.len != 8 || !str_starts(version, STR("HTTP/")) || version.p[6] != '.')
		return refuse(ret_refusal, 400, "bad_request", "The request line does not end in an HTTP version.");
	if (version.p[5] != '1' || (version.p[7] != '0' && version.p[7] != '1'))
		return refuse(ret_refusal, 505, "http_version", "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
	head->minor = version.p[7] - '0';
	return 0;
}

static int
parse_request_line(struct str line, struct head *head, struct refusal *ret_refusal)
{
	const char *first = memchr(line.p, ' ', line.len), *second;
	struct str method;
	int r;

	if (first == NULL || (second = memchr(first + 1, ' ', line.len - (size_t)(first + 1 - line.p))) == NULL)
		return refuse(ret_refusal, 400, "bad_request", "The request line is not `method target version`.");
	method = cut(line, 0, (size_t)(first - line.p));
	head->target = cut(line, method.len + 1, (size_t)(second - line.p));
	r = parse_version(cut(line, (size_t)(second + 1 - line.p), line.len), head, ret_refusal);
	if (r < 0)
		return r;
	if (!is_token(method))
		return refuse(ret_refusal, 400, "bad_request", "The method is not a token.");
	for (size_t i = 0; i < ELEMENTSOF(methods); i++)
		if (str_eq(method, str_of(methods[i].name)))
			head->method = methods[i].method;
	if (head->method == 0)
		return refuse(ret_refusal, 501, "unknown_method", "This method is not implemented here.");
	return check_target(head, ret_refusal);
}

static int
parse_header(struct str line, struct head *head, struct refusal *ret_refusal)
{
	const char *colon = memchr(line.p, ':', line.len);
	struct header *h = &head->headers[head->header_count];

	if (head->header_count == HEAD_HEADERS_MAX)
		return refuse(ret_refusal, 431, "head_too_large", "The request has too many headers.");
	if (colon == NULL)
		return refuse(ret_refusal, 400, "bad_request", "A header has no colon.");
	h->name = cut(line, 0, (size_t)(colon - line.p));
	h->value = words_trim(cut(line, h->name.len + 1, line.len));
	/* A folded line begins with a space and fails here. */
	if (!is_token(h->name))
		return refuse(ret_refusal, 400, "bad_request", "A header's name is not a token.");
	if (!is_field_value(h->value))
		return refuse(ret_refusal, 400, "bad_request", "A header's value holds a control character.");
	head->header_count++;
	return 0;
}

static size_t
count_headers(const struct head *head, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < head->header_count; i++)
		n += words_same(head->headers[i].name, name);
	return n;
}

struct str
head_find(const struct head *head, const char *name)
{
	for (size_t i = 0; i < head->header_count; i++)
		if (words_same(head->headers[i].name, name))
			return head->headers[i].value;
	return STR_NONE;
}

size_t
head_count(const struct head *head, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < head->header_count; i++)
		n += words_same(head->headers[i].name, name);
	return n;
}

bool
head_lists(const struct head *head, const char *name, const char *word)
{
	for (size_t i = 0; i < head->header_count; i++) {
		struct str rest = head->headers[i].value;

		while (words_same(head->headers[i].name, name) && rest.len > 0) {
			const char *comma = memchr(rest.p, ',', rest.len);
			size_t len = comma != NULL ? (size_t)(comma - rest.p) : rest.len;

			if (words_same(words_trim(cut(rest, 0, len)), word))
				return true;
			rest = cut(rest, MIN_OF(len + 1, rest.len), rest.len);
		}
	}
	return false;
}

/* RFC 9112 9.3: `close` outranks `keep-alive`, which HTTP/1.0 has to say. */
static bool
wants_close(const struct head *head)
{
	return head_lists(head, "Connection", "close") || (head->minor == 0 && !head_lists(head, "Connection", "keep-alive"));
}

/* These decide what the request means; twice, two readers could take different ones. */
static int
check_single(const struct head *head, struct refusal *ret_refusal)
{
	static const char *const single[] = {
	    "Host", "Content-Length", "Transfer-Encoding", "Content-Type", "Content-Encoding", "Expect",
	    "Origin", "If-Match", "If-None-Match", "X-Request-Id", "Authorization", "Idempotency-Key",
	};

	for (size_t i = 0; i < ELEMENTSOF(single); i++)
		if (count_headers(head, single[i]) > 1)
			return refuse(ret_refusal, 400, "repeated_header", "A header that may stand once stands twice.");
	return 0;
}

static int
parse_framing(struct head *head, struct refusal *ret_refusal)
{
	struct str length = head_find(head, "Content-Length"), encoding = head_find(head, "Transfer-Encoding");
	struct str expect = head_find(head, "Expect");

	if (encoding.p != NULL && length.p != NULL)
		return refuse(ret_refusal, 400, "bad_framing", "Content-Length and Transfer-Encoding exclude each other.");
	if (encoding.p != NULL && (head->minor == 0 || !words_same(encoding, "chunked")))
		return refuse(ret_refusal, 501, "bad_framing", "The only transfer coding known here is `chunked`, in HTTP/1.1.");
	/* A sign, a list or a space would be read differently elsewhere. */
	if (length.p != NULL && (length.len == 0 || length.len > 18 || length.p[0] < '0' || length.p[0] > '9' ||
	    str_to_i64(length, 0, INT64_MAX, &head->content_length) < 0))
		return refuse(ret_refusal, 400, "bad_framing", "Content-Length is not a number.");
	head->chunked = encoding.p != NULL;
	if (expect.p != NULL && !words_same(expect, "100-continue"))
		return refuse(ret_refusal, 417, "unknown_expectation", "The only expectation known here is `100-continue`.");
	head->expects_continue = expect.p != NULL && head->minor == 1;
	return 0;
}

static int
parse_lines(struct str rest, struct head *head, struct refusal *ret_refusal)
{
	struct str line;
	int r = next_line(&rest, &line);

	if (r == 0)
		r = parse_request_line(line, head, ret_refusal);
	while (r == 0 && (r = next_line(&rest, &line)) == 0 && line.len > 0)
		r = parse_header(line, head, ret_refusal);
	if (r == -EPROTO && ret_refusal->status == 0)
		return refuse(ret_refusal, 400, "bad_request", "A line does not end in CR LF.");
	return r;
}

/* An answer to a head that is not all there: it is too long already, or it may still come. */
static int
incomplete(struct str bytes, size_t max_bytes, struct refusal *ret_refusal)
{
	bool in_target = memchr(bytes.p != NULL ? bytes.p : "", '\n', bytes.len) == NULL;

	/* As TLS begins: nobody should wait for the rest. */
	if (bytes.len > 0 && bytes.p[0] != '\r' && !is_token_char(bytes.p[0]))
		return refuse(ret_refusal, 400, "bad_request", "This does not begin like a request.");
	if (in_target && bytes.len > HEAD_TARGET_MAX + 32)
		return refuse(ret_refusal, 414, "target_too_long", "The request target is too long.");
	if (bytes.len > max_bytes)
		return refuse(ret_refusal, 431, "head_too_large", "The request's headers are too large.");
	return 0;
}

/* Some clients end a body with a line that does not count. It counts for no limit either, so only a few are let pass. */
static int
skip_empty_lines(struct str *s)
{
	for (int n = 0; str_starts(*s, STR("\r\n")); n++) {
		if (n == EMPTY_LINES_MAX)
			return -EPROTO;
		*s = cut(*s, 2, s->len);
	}
	return 0;
}

int
head_parse(struct str bytes, size_t max_bytes, struct head *ret_head, struct refusal *ret_refusal)
{
	static const char blank[] = "\r\n\r\n";
	const char *end;
	struct str all;
	int r;

	*ret_refusal = (struct refusal){0};
	memset(ret_head, 0, offsetof(struct head, headers));
	ret_head->header_count = 0;
	ret_head->content_length = 0;
	ret_head->chunked = ret_head->expects_continue = ret_head->closes = false;
	all = bytes;
	if (skip_empty_lines(&all) < 0)
		return refuse(ret_refusal, 400, "bad_request", "There are empty lines where a request should begin.");
	end = all.len > 0 ? memmem(all.p, all.len, blank, sizeof blank - 1) : NULL;
	if (end == NULL)
		return incomplete(all, max_bytes, ret_refusal);
	ret_head->bytes = (size_t)(end - bytes.p) + sizeof blank - 1;
	if (ret_head->bytes > max_bytes)
		return refuse(ret_refusal, 431, "head_too_large", "The request's headers are too large.");
	r = parse_lines(cut(all, 0, (size_t)(end - all.p) + sizeof blank - 1), ret_head, ret_refusal);
	if (r == 0 && ret_head->target.len > HEAD_TARGET_MAX)
		r = refuse(ret_refusal, 414, "target_too_long", "The request target is too long.");
	if (r == 0)
		r = check_single(ret_head, ret_refusal);
	if (r == 0)
		r = parse_framing(ret_head, ret_refusal);
	if (r == 0)
		ret_head->closes = wants_close(ret_head);
	return r < 0 ? -EPROTO : 1;
}
