# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += librtalp-queue.a
librtalp_queue_a_SOURCES = \
	src/queue/job_kinds.def src/queue/kind.c src/queue/kind.h \
	src/queue/pace.c src/queue/pace.h \
	src/queue/retry.c src/queue/retry.h \
	src/queue/webhook_retry.c src/queue/webhook_retry.h
