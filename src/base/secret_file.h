/* SPDX-License-Identifier: Apache-2.0 */
/* secret_file.h - files with keys in them: one that the settings name, or a credential that the service manager gave.
 *
 * A file that the settings name must be ours, or root's, and nobody else's to read or write: who may write it chooses the key, who may read it
 * has it. A credential is as the service manager made it.
 * Threads: any; secret_file_read() as struct secret.
 */
#ifndef RTALP_BASE_SECRET_FILE_H
#define RTALP_BASE_SECRET_FILE_H

#include "base/macro.h"
#include "base/secret.h"

/* The service manager's directory of credentials; NULL: it gave none. */
const char *secret_file_credentials(void);

/* A descriptor of `file` if it is not empty, else of `credential` in the directory `credentials`, which may be NULL or empty. -ENOENT: there is
 * no credential; -ENXIO: the file that was named is not there; -EPERM: others may read it; -EINVAL: it is no file. */
int secret_file_open(const char *file, const char *credentials, const char *credential) _must_check_;

/* All of it but a final newline. -EFBIG, -EINVAL: not the bytes of a secret. */
int secret_file_read(int fd, struct secret **ret_secret) _must_check_;

/* Both; *ret_secret is NULL if there is none. -ENOENT: the file that was named is not there. */
int secret_file_load(const char *file, const char *credentials, const char *credential, struct secret **ret_secret) _must_check_;

#endif
