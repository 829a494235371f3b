/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/credential.h"

#include <errno.h>

#include "base/fd.h"
#include "base/secret_file.h"

/* As it stands there; "" if there is none. */
static int
load_text(const char *file, const char *credential, char *ret_text, size_t size)
{
	_cleanup_close_ int fd = secret_file_open(file, secret_file_credentials(), credential);
	ssize_t n;

	ret_text[0] = '\0';
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd == -ENXIO ? -ENOENT : fd;
	n = fd_read_all(fd, ret_text, size);
	if (n < 0 || (size_t)n >= size) {
		secret_wipe(ret_text, size);
		return n < 0 ? (int)n : -EFBIG;
	}
	ret_text[n] = '\0';
	return 0;
}

int
credential_load_alp_events(const struct config *config, char ret_text[CREDENTIAL_EVENTS_MAX])
{
	return load_text(config->sync.events_secret_file, CREDENTIAL_ALP_EVENTS, ret_text, CREDENTIAL_EVENTS_MAX);
}

int
credential_load_tls_key(const struct config *config, char ret_text[CREDENTIAL_TLS_KEY_MAX])
{
	return load_text(config->http.tls_key_file, CREDENTIAL_TLS_KEY, ret_text, CREDENTIAL_TLS_KEY_MAX);
}

int
credential_load_alp(const struct config *config, struct secret **ret_secret)
{
	*ret_secret = NULL;
	return config->alp.url[0] == '\0' ? 0 : secret_file_load(config->alp.key_file, secret_file_credentials(), CREDENTIAL_ALP_KEY, ret_secret);
}
