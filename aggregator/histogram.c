/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/histogram.h"

#include "symbolizer/base.h"

/* The first buckets are single microseconds; from HISTOGRAM_STEPS on each power of two has so many. */
static unsigned int bucket_of(uint64_t us)
{
	unsigned int power, bucket;

	if (us < HISTOGRAM_STEPS)
		return (unsigned int)us;
	power = 63 - (unsigned int)__builtin_clzll(us / HISTOGRAM_STEPS);
	bucket = power * HISTOGRAM_STEPS + (unsigned int)(us >> power);
	return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The first microsecond behind it. */
static uint64_t bucket_end(unsigned int bucket)
{
	unsigned int power;

	if (bucket < 2 * HISTOGRAM_STEPS)
		return bucket + 1;
	power = bucket / HISTOGRAM_STEPS - 1;
	return (uint64_t)(bucket - power * HISTOGRAM_STEPS + 1) << power;
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
	uint32_t *bucket = &histogram->buckets[bucket_of(ns / NS_PER_US)];

	histogram->count++;
	histogram->sum_ns += ns;
	if (ns > histogram->max_ns)
		histogram->max_ns = ns;
	if (*bucket < UINT32_MAX)
		(*bucket)++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	unsigned int i;

	into->count += from->count;
	into->sum_ns += from->sum_ns;
	if (from->max_ns > into->max_ns)
		into->max_ns = from->max_ns;
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint32_t room = UINT32_MAX - into->buckets[i];

		into->buckets[i] += from->buckets[i] < room ? from->buckets[i] : room;
	}
}

uint64_t histogram_quantile(const struct histogram *histogram, unsigned int permille)
{
	uint64_t wanted, seen = 0, ns;
	unsigned int i;

	if (!histogram->count)
		return 0;
	wanted = (uint64_t)(((__uint128_t)histogram->count * permille + 999) / 1000);
	for (i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
		seen += histogram->buckets[i];
		if (seen && seen >= wanted)
			break;
	}
	ns = bucket_end(i) * NS_PER_US;
	return ns < histogram->max_ns && i < HISTOGRAM_BUCKETS - 1 ? ns : histogram->max_ns;
}
