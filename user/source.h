/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where records come from: the BPF ring buffer, or perf buffers put into order. Read on a timer; the
 * kernel side wakes its reader for new stacks only. Owner: the ingest thread.
 */
#ifndef NT_USER_SOURCE_H
#define NT_USER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/config.h"

struct source;

typedef void source_record_fn(void *user, const void *record, size_t size);

/* Opens the events map `map_fd`; on_record is called by source_read(). Returns 0 or a negative errno. */
int source_open(enum nt_transport transport, int map_fd, source_record_fn *on_record, void *user,
		struct source **ret_source);
void source_close(struct source *source);

/*
 * Hands out what there is, but not for ever: after a few thousand records it returns, so that the
 * caller can look at the clock. now_ns is the time just before the call. Returns the number of
 * records read, or a negative errno. *ret_until_ns: all records before that time were handed out; 0
 * when there is more to read.
 */
int source_read(struct source *source, uint64_t now_ns, uint64_t *ret_until_ns);
/* The same when nothing is added any more: nothing is held back for ordering. */
int source_drain(struct source *source);

/* A descriptor that is readable when the kernel side wants its records to be read at once, which is
 * until source_read(); -1 when it cannot say so. */
int source_urgent_fd(const struct source *source);

/* Records that were lost on the way here, beyond what the kernel side counted. */
uint64_t source_lost(const struct source *source);

#endif
