/* SPDX-License-Identifier: Apache-2.0 */
/* process_sample.h - this process as the kernel counts it, put into metrics.def's process_*. Reads /proc: not for the loop. Threads: one at a time. */
#ifndef RTALP_BASE_PROCESS_SAMPLE_H
#define RTALP_BASE_PROCESS_SAMPLE_H

/* What cannot be read is told no more. */
void process_sample(void);

#endif
