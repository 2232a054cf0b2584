/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * A clock for each thread that runs JavaScript: it ticks while the thread is on the CPU, and each tick
 * runs the program that takes a sample (bpf/samples.bpf.h). All of it hangs on descriptors of this
 * process.
 */
#ifndef NT_USER_SAMPLER_H
#define NT_USER_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_program;
struct sampler;

/* Does this kernel have such clocks, and may they run programs? Returns 0, or a negative errno with a
 * sentence in `why`. */
int sampler_supported(char *why, size_t why_len);

struct sampler_setup {
	const struct bpf_program *sample; /* runs each period_ns of CPU time, NULL: no samples */
	uint64_t period_ns;
	const struct bpf_program
		*leave; /* runs when a thread leaves its CPU, NULL: not asked for */
};

/* A sampler without threads, for loaded programs. Returns 0 or -ENOMEM. */
int sampler_new(const struct sampler_setup *setup, struct sampler **ret_sampler);
void sampler_free(struct sampler *sampler);

/*
 * Starts the clock of a thread, once. Returns 0 also where it had one, else a negative errno; -ENOSPC
 * when there are too many. Any thread may call it.
 */
int sampler_add(struct sampler *sampler, uint32_t tid);
/* Threads that got no clock, or not all: too many at once, or the kernel refused; not those that had
 * ended by then. Any thread may call it. */
uint64_t sampler_missed(struct sampler *sampler);
/* The thread has ended. */
void sampler_remove(struct sampler *sampler, uint32_t tid);
/* Stops all clocks; none is added from then on. */
void sampler_stop(struct sampler *sampler);

#endif
