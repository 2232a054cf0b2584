/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Puts the records of several per-CPU perf buffers into one order.
 *
 * A thread moves between CPUs, and the buffers are emptied one after the other, so its records
 * arrive shuffled. They are kept here until everything older than them must have arrived, and leave in
 * the order of (time, thread, sequence number). The BPF ring buffer needs none of this.
 */
#ifndef NT_USER_REORDER_H
#define NT_USER_REORDER_H

#include <stddef.h>
#include <stdint.h>

struct reorder;

typedef void reorder_emit_fn(void *user, const void *record, size_t size);

/* Returns a new window of at most max_bytes bytes in *ret_reorder, or -ENOMEM. */
int reorder_new(size_t max_bytes, struct reorder **ret_reorder);
void reorder_free(struct reorder *reorder);

/* Keeps a copy of a struct nt_event with its text. Returns 0, -EBADMSG when it is too short for one,
 * -ENOSPC when the window is full (release something and try again), or -ENOMEM. */
int reorder_add(struct reorder *reorder, const void *record, size_t size);

/* Hands out, in order, all records that are not younger than until_ns. */
void reorder_release(struct reorder *reorder, uint64_t until_ns, reorder_emit_fn *emit, void *user);

/* Hands out the older half, in order: for a window that is full. What arrives later and belongs before
 * it will be late. */
void reorder_release_half(struct reorder *reorder, reorder_emit_fn *emit, void *user);

/* Number of events held back. */
size_t reorder_count(const struct reorder *reorder);

#endif
