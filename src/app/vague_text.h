/* SPDX-License-Identifier: Apache-2.0 */
/* vague_text.h - descriptions that say nothing about the work: whole ones, by a list of the firm's. The rules' list is of titles of windows, which
 * only workers have compiled. Pure. Threads: any.
 */
#ifndef RTALP_APP_VAGUE_TEXT_H
#define RTALP_APP_VAGUE_TEXT_H

#include <stdbool.h>

/* phrases: separated by commas. Any case of ASCII, blanks and full stops around it do not matter, and several blanks are one. */
bool text_is_vague(const char *phrases, const char *text);

#endif
