/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/key.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <readpassphrase.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "ctl/say.h"

#define READ_MAX (SECRET_MAX + 3) /* a line end, and one byte to see that there is more */

/* --- from descriptors and files ----------------------------------------------------------------------------------------------- */

static int
make_secret(char *text, size_t len, const char *what, struct secret **ret_secret)
{
	int r;

	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	r = secret_new((struct str){text, len}, ret_secret);
	if (r == 0)
		return EXIT_STATUS_OK;
	if (r == -EINVAL)
		say("%s: must be 1 to %d characters of ASCII without a space or a line end", what, SECRET_MAX);
	else
		say("%s: %s", what, strerror(-r));
	return EXIT_STATUS_USAGE;
}

static int
read_fd(int fd, const char *what, struct secret **ret_secret)
{
	char text[READ_MAX];
	ssize_t n = fd_read_all(fd, text, sizeof text);
	int r = EXIT_STATUS_USAGE;

	if (n < 0)
		say("%s: %s", what, strerror((int)-n));
	else
		r = make_secret(text, (size_t)n, what, ret_secret);
	secret_wipe(text, sizeof text);
	return r;
}

/* A pipe that the shell made has no owner's bits worth looking at. */
static bool
others_may_read(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

static int
read_file(const char *path, const char *what, bool guarded, struct secret **ret_secret)
{
	_cleanup_close_ int fd = -1;

	if (strcmp(path, "-") == 0)
		return read_fd(STDIN_FILENO, what, ret_secret);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		say("%s: %s: %s", what, path, strerror(errno));
		return EXIT_STATUS_USAGE;
	}
	if (guarded && others_may_read(fd)) {
		say("%s: %s: others than its owner may use it; chmod 600", what, path);
		return EXIT_STATUS_USAGE;
	}
	return read_fd(fd, what, ret_secret);
}

/* --- the token ---------------------------------------------------------------------------------------------------------------- */

/* systemd guards its credentials itself, by an access list that looks like a group's right. */
static int
read_credential(struct secret **ret_token)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	char path[4096];

	if (directory == NULL || snprintf(path, sizeof path, "%s/rtalpctl-token", directory) >= (int)sizeof path ||
	    access(path, F_OK) < 0)
		return EXIT_STATUS_OK;
	return read_file(path, "credential rtalpctl-token", false, ret_token);
}

int
key_read_token(const struct args *args, struct secret **ret_token)
{
	const char *named = getenv("RTALPCTL_TOKEN_FILE");

	if (args_has(args, OPT_TOKEN_FD))
		return read_fd((int)args->number[OPT_TOKEN_FD], "--token-fd", ret_token);
	if (args_has(args, OPT_TOKEN_FILE))
		return read_file(args->text[OPT_TOKEN_FILE], "--token-file", true, ret_token);
	if (named != NULL && named[0] != '\0')
		return read_file(named, "RTALPCTL_TOKEN_FILE", true, ret_token);
	return read_credential(ret_token);
}

/* --- the user's key ----------------------------------------------------------------------------------------------------------- */

/* readpassphrase() switches the echo off and puts it back whatever signal comes in between. */
static int
prompt(const struct args *args, struct secret **ret_key)
{
	char text[READ_MAX], question[80];
	int r;

	if (args_has(args, OPT_USER))
		snprintf(question, sizeof question, "RescueTime key of user %" PRId64 ": ", args->number[OPT_USER]);
	else
		snprintf(question, sizeof question, "RescueTime key: ");
	if (readpassphrase(question, text, sizeof text, RPP_ECHO_OFF | RPP_REQUIRE_TTY) == NULL) {
		secret_wipe(text, sizeof text);
		say("a key is needed: there is no terminal to ask on; --key-fd or --key-file says where it is");
		return EXIT_STATUS_USAGE;
	}
	r = make_secret(text, strlen(text), "key", ret_key);
	secret_wipe(text, sizeof text);
	return r;
}

int
key_read_user(const struct args *args, struct secret **ret_key)
{
	if (args_has(args, OPT_KEY_FD))
		return read_fd((int)args->number[OPT_KEY_FD], "--key-fd", ret_key);
	if (args_has(args, OPT_KEY_FILE))
		return read_file(args->text[OPT_KEY_FILE], "--key-file", true, ret_key);
	return prompt(args, ret_key);
}

/* --- bodies ------------------------------------------------------------------------------------------------------------------- */

static void
put(struct key_body *b, const char *bytes, size_t len)
{
	if (len < sizeof b->text - b->len)
		memcpy(b->text + b->len, bytes, len);
	b->len += len;
}

int
key_body_make(struct str fields, const struct secret *key, struct key_body *ret_body)
{
	struct key_body *b = ret_body;
	/* Exposed: it goes into the body of the one request it is for. */
	struct str bytes = key != NULL ? secret_expose(key) : STR_NONE;

	b->len = 0;
	put(b, "{", 1);
	put(b, fields.p != NULL ? fields.p : "", fields.len);
	if (key != NULL) {
		put(b, fields.len > 0 ? "," : "", fields.len > 0 ? 1 : 0);
		put(b, "\"rescue_time_api_key\":\"", 23);
		for (size_t i = 0; i < bytes.len; i++) {
			if (bytes.p[i] == '"' || bytes.p[i] == '\\')
				put(b, "\\", 1);
			put(b, &bytes.p[i], 1);
		}
		put(b, "\"", 1);
	}
	put(b, "}", 1);
	return b->len < sizeof b->text ? 0 : -E2BIG;
}

void
key_body_release(struct key_body *body)
{
	secret_wipe(body, sizeof *body);
}
