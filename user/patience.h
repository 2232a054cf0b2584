/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Says that attaching takes a while, also while a single step does: the kernel's verifier looks at our
 * programs for seconds on a busy machine.
 */
#ifndef NT_USER_PATIENCE_H
#define NT_USER_PATIENCE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct patience {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct timespec until; /* CLOCK_MONOTONIC */
	int pid;
	bool is_over;
	bool runs; /* there is a thread */
};

/* From now on: unless it is ended within ns nanoseconds, one line says that pid is being attached to. Where no
 * thread can be had, none does. */
void patience_begin(struct patience *patience, int pid, uint64_t ns);

/* It is attached, or never will be: nothing is said from here on. Only after patience_begin(). */
void patience_end(struct patience *patience);

#endif
