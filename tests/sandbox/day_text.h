/* SPDX-License-Identifier: Apache-2.0 */
/* day_text.h - a day as tab-separated lines, the form in which tests give and take the truth.
 *
 *   HH:MM <TAB> seconds <TAB> activity <TAB> document <TAB> category <TAB> productivity [<TAB> computers|mobile|offline]
 *
 * In texts \\ \t \n \r and \xHH stand for the byte; any other backslash is an error. Lines that are empty or start with #
 * are skipped. Seconds may be any 64-bit number: wrong days are for testing.
 */
#ifndef SANDBOX_DAY_TEXT_H
#define SANDBOX_DAY_TEXT_H

#include "day.h"

/* -EINVAL with the number of the first bad line in *ret_line. The caller frees *ret_day. */
int day_read(const char *s, size_t n, struct day **ret_day, unsigned *ret_line);
void day_write(const struct day *d, struct buf *out);

#endif
