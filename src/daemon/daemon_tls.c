/* SPDX-License-Identifier: Apache-2.0 */
/* daemon_tls.c - the certificate that TCP is served by: read at the start and at each reload, watched until it expires. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "daemon/credential.h"
#include "daemon/daemon_internal.h"

#define DAY_MS    ((int64_t)24 * 3600 * 1000)
#define WARN_DAYS 14

static int
load(const struct config *c, const char *key, struct tls **ret_tls)
{
	struct tls_options options = {.certificate = c->http.tls_certificate, .key = str_of(key), .min_version = c->http.tls_min_version};
	tls_fault fault;
	int r;

	if (key[0] == '\0') {
		log_event(EV_TLS_FAULT, LOG_STR("PATH", options.certificate), LOG_STR("DETAIL", "there is neither http.tls_key_file nor the credential \"tls-key\""));
		return -ENOKEY;
	}
	r = tls_new(&options, ret_tls, &fault);
	if (r < 0)
		log_event(EV_TLS_FAULT, LOG_STR("PATH", options.certificate), LOG_STR("DETAIL", fault));
	return r;
}

int
daemon_read_tls(const struct config *c, struct tls **ret_tls)
{
	char key[CREDENTIAL_TLS_KEY_MAX];
	int r;

	*ret_tls = NULL;
	if (c->http.tls_certificate[0] == '\0')
		return 0;
	r = credential_load_tls_key(c, key);
	if (r < 0)
		log_event(EV_TLS_FAULT, LOG_STR("PATH", c->http.tls_certificate), LOG_STR("DETAIL", r == -EPERM ?
		    "the file of its key must be the service's own or root's, and nobody else may read it" : log_errno_text(r)));
	else
		r = load(c, key, ret_tls);
	secret_wipe(key, sizeof key);
	return r;
}

void
daemon_look_at_tls(struct daemon *d, int64_t now_mono_ms)
{
	int64_t left_ms;

	if (d->tls == NULL || now_mono_ms < d->next_tls_look_ms)
		return;
	d->next_tls_look_ms = now_mono_ms + DAY_MS;
	left_ms = tls_expires_ms(d->tls) - clock_real_ms();
	if (left_ms <= 0)
		log_event(EV_TLS_EXPIRED, LOG_STR("PATH", d->config->http.tls_certificate));
	else if (left_ms < WARN_DAYS * DAY_MS)
		log_event(EV_TLS_EXPIRES, LOG_STR("PATH", d->config->http.tls_certificate), LOG_I64("DAYS", left_ms / DAY_MS));
}

void
daemon_take_tls(struct daemon *d, struct tls *tls)
{
	tls_unref(d->tls);
	d->tls = tls;
	d->next_tls_look_ms = 0;
	daemon_look_at_tls(d, clock_mono_ms());
}

int
daemon_start_tls(struct daemon *d)
{
	struct tls *tls = NULL;
	int r = daemon_read_tls(d->config, &tls);

	if (r == 0)
		daemon_take_tls(d, tls);
	return r;
}
