/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * A log-linear histogram of durations: each power of two is cut into HISTOGRAM_STEPS equal buckets, so
 * a quantile is at most 1 / HISTOGRAM_STEPS of itself too high. From 1 us to 71 minutes; what is
 * shorter or longer goes to the first or last bucket. Sums, and the greatest, are exact.
 */
#ifndef NT_AGGREGATOR_HISTOGRAM_H
#define NT_AGGREGATOR_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS   32
#define HISTOGRAM_BUCKETS (HISTOGRAM_STEPS * 28)

struct histogram {
	uint64_t count;
	uint64_t sum_ns;
	uint64_t max_ns;
	uint32_t buckets[HISTOGRAM_BUCKETS];
};

/* Counts one duration. */
void histogram_add(struct histogram *histogram, uint64_t ns);
/* Adds all of another one. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/*
 * The duration that `permille` of 1000 do not exceed, as the end of its bucket, but never more than
 * the greatest; 0 when it is empty. 500 is the median.
 */
uint64_t histogram_quantile(const struct histogram *histogram, unsigned int permille);

#endif
