/* SPDX-License-Identifier: Apache-2.0 */
/* config_text.h - makes up for what libconfig 1.5 does with a file's text: it cuts whole numbers to 32 bits without a word unless an L stands
 * behind them, it reads other files by @include, whose numbers nobody would see, and a missing quote is told at the file's end. For whoever
 * hands a text to libconfig, which is not used here. Pure; any thread. */
#ifndef RTALP_BASE_CONFIG_TEXT_H
#define RTALP_BASE_CONFIG_TEXT_H

#include "base/buf.h"

/* Copies the text with each long number, decimal or hexadecimal, as a decimal one with an L behind; lines stay where they are. -EINVAL: *ret_wrong, a literal, says what is wrong in
 * line *ret_line; syntax that libconfig judges well is left to it. */
int config_text_prepare(const char *text, struct buf *out, int *ret_line, const char **ret_wrong);

/* For a text whose author is not trusted with this process's time: libconfig looks each setting up among all that stand in its group. -EINVAL, and
 * as above, for more than max_settings in one group or list of settings, or more than CONFIG_TEXT_DEPTH_MAX of those in each other. */
int config_text_bound(const char *text, size_t max_settings, int *ret_line, const char **ret_wrong);

#define CONFIG_TEXT_DEPTH_MAX 16

#endif
