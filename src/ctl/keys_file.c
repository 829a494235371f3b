/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/keys_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/secret.h"
#include "ctl/say.h"

#define KEY_BYTES 32

void
keys_text_wipe(struct keys_text *k)
{
	secret_wipe(k, sizeof *k);
}

bool
keys_file_is_encrypted(const char *path)
{
	size_t len = strlen(path);

	return strstr(path, "/credstore.encrypted/") != NULL || (len > 5 && strcmp(path + len - 5, ".cred") == 0);
}

static int
complain(const char *path, int error)
{
	say("%s: %s", path, strerror(error));
	return EXIT_STATUS_FAILED;
}

/* --- systemd-creds ------------------------------------------------------------------------------------------------------------ */

static int
write_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
spawn(const char *const argv[], int in, int out, pid_t *ret_pid)
{
	posix_spawn_file_actions_t files;
	int r;

	posix_spawn_file_actions_init(&files);
	r = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (r == 0)
		r = posix_spawnp(ret_pid, argv[0], &files, NULL, (char **)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	return -r;
}

static int
wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
run_filter(const char *const argv[], struct keys_text *in, struct keys_text *out)
{
	int to[2], from[2], r;
	ssize_t n = 0;
	pid_t pid;

	if (pipe2(to, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(from, O_CLOEXEC) < 0) {
		r = -errno;
		close(to[0]);
		close(to[1]);
		return r;
	}
	r = spawn(argv, to[0], from[1], &pid);
	close(to[0]);
	close(from[1]);
	/* It fits into the pipe, so neither waits for the other. */
	if (r == 0)
		r = write_all(to[1], in->text, in->len);
	close(to[1]);
	if (r == 0)
		n = fd_read_all(from[0], out->text, sizeof out->text);
	close(from[0]);
	if (r < 0)
		return r;
	out->len = n > 0 ? (size_t)n : 0;
	r = wait_for(pid);
	if (n < 0)
		return (int)n;
	/* There may be more, and half of a file of keys is none. */
	return out->len == sizeof out->text ? -EFBIG : r;
}

static int
run_creds(const char *verb, const char *from, const char *to, struct keys_text *in, struct keys_text *out)
{
	const char *const argv[] = {"systemd-creds", "--name=keeper-key", verb, from, to, NULL};
	int r = run_filter(argv, in, out);

	if (r < 0)
		say("systemd-creds: %s", strerror(-r));
	else if (r > 0 || out->len == 0)
		say("systemd-creds %s failed", verb);
	return r == 0 && out->len > 0 ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}

/* --- reading ------------------------------------------------------------------------------------------------------------------ */

static bool
is_key(const char *line, size_t len)
{
	unsigned char key[KEY_BYTES];
	size_t bytes = 0;
	bool valid = sodium_base642bin(key, sizeof key, line, len, NULL, &bytes, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 && bytes == KEY_BYTES;

	secret_wipe(key, sizeof key);
	return valid;
}

static bool
are_keys(const struct keys_text *k)
{
	size_t count = 0;

	for (size_t at = 0; at < k->len;) {
		const char *end = memchr(k->text + at, '\n', k->len - at);
		size_t len = end != NULL ? (size_t)(end - (k->text + at)) : k->len - at;

		if (len > 0 && !is_key(k->text + at, len))
			return false;
		count += len > 0;
		at += len + 1;
	}
	return count > 0;
}

static int
read_plain(const char *path, struct keys_text *ret_keys)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return complain(path, errno);
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		say("%s: others than its owner may use it; chmod 600", path);
		return EXIT_STATUS_FAILED;
	}
	n = fd_read_all(fd, ret_keys->text, sizeof ret_keys->text);
	if (n < 0)
		return complain(path, (int)-n);
	ret_keys->len = (size_t)n;
	return EXIT_STATUS_OK;
}

int
keys_file_read(const char *path, struct keys_text *ret_keys)
{
	struct keys_text nothing = {.len = 0};
	int r = keys_file_is_encrypted(path) ? run_creds("decrypt", path, "-", &nothing, ret_keys) : read_plain(path, ret_keys);

	if (r == EXIT_STATUS_OK && (ret_keys->len == sizeof ret_keys->text || !are_keys(ret_keys))) {
		say("%s: not a file of keys as `rtalpctl keys make` writes it", path);
		r = EXIT_STATUS_FAILED;
	}
	return r;
}

void
keys_text_rotate(struct keys_text *keys)
{
	struct keys_text fresh = {.len = 0};
	unsigned char key[KEY_BYTES];
	size_t kept = 1;

	randombytes_buf(key, sizeof key);
	(void)sodium_bin2base64(fresh.text, sizeof fresh.text, key, sizeof key, sodium_base64_VARIANT_ORIGINAL);
	secret_wipe(key, sizeof key);
	fresh.len = strlen(fresh.text);
	fresh.text[fresh.len++] = '\n';
	for (size_t at = 0; at < keys->len && kept < KEYS_KEPT;) {
		const char *line = keys->text + at, *end = memchr(line, '\n', keys->len - at);
		size_t len = end != NULL ? (size_t)(end - line) : keys->len - at;

		if (len > 0) {
			memcpy(fresh.text + fresh.len, line, len);
			fresh.len += len;
			fresh.text[fresh.len++] = '\n';
			kept++;
		}
		at += len + 1;
	}
	*keys = fresh;
	keys_text_wipe(&fresh);
}

/* --- writing ------------------------------------------------------------------------------------------------------------------ */

static int
sync_directory(const char *path)
{
	_cleanup_free_ char *copy = xstrdup(path);
	_cleanup_close_ int dir = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 || fsync(dir) < 0 ? -errno : 0;
}

static int
write_fresh(const char *path, const char *like, const struct keys_text *keys)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	/* Whoever it belongs to goes on being able to read it. */
	if (like != NULL && stat(like, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) < 0)
		return -errno;
	r = write_all(fd, keys->text, keys->len);
	return r < 0 ? r : fsync(fd) < 0 ? -errno : 0;
}

static int
put_in_place(const char *path, const struct keys_text *keys, bool replace)
{
	_cleanup_free_ char *fresh = xasprintf("%s.new", path);
	int r;

	(void)unlink(fresh); /* of one that did not get so far */
	r = write_fresh(fresh, replace ? path : NULL, keys);
	if (r == 0 && (replace ? rename(fresh, path) : link(fresh, path)) < 0)
		r = -errno;
	if (r < 0 || !replace)
		(void)unlink(fresh);
	return r < 0 ? r : sync_directory(path);
}

int
keys_file_write(const char *path, const struct keys_text *keys, bool replace)
{
	struct keys_text plain = *keys, sealed = {.len = 0};
	bool encrypted = keys_file_is_encrypted(path);
	int r = encrypted ? run_creds("encrypt", "-", "-", &plain, &sealed) : EXIT_STATUS_OK;

	keys_text_wipe(&plain);
	if (r != EXIT_STATUS_OK)
		return r;
	r = put_in_place(path, encrypted ? &sealed : keys, replace);
	return r < 0 ? complain(path, -r) : EXIT_STATUS_OK;
}
