/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The only place that reads clocks. */
#ifndef NT_USER_CLOCK_H
#define NT_USER_CLOCK_H

#include <sys/resource.h>
#include <time.h>

#include "symbolizer/base.h"

static inline uint64_t clock_read(clockid_t id)
{
	struct timespec now = {0};

	(void)clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec;
}

/* The clock of all events. */
static inline uint64_t clock_monotonic_ns(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

/* Since the machine's boot, time asleep included: what /proc counts in. */
static inline uint64_t clock_boot_ns(void)
{
	return clock_read(CLOCK_BOOTTIME);
}

static inline uint64_t clock_unix_ns(void)
{
	return clock_read(CLOCK_REALTIME);
}

/* CPU time that this program has used, kernel time included. */
static inline uint64_t clock_own_cpu_ns(void)
{
	struct rusage usage = {0};

	(void)getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_SEC +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * NS_PER_US;
}

#endif
