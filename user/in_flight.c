/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/in_flight.h"

#include "aggregator/engine.h"
#include "symbolizer/base.h"
#include "user/handoff.h"

#define MIN_AGE_NS   (50 * NS_PER_MS) /* those who are younger are gone before anybody looks */
#define MAX_REQUESTS 256
#define MAX_OPS      20000

void in_flight_publish(const struct engine *engine, struct handoff *handoff)
{
	const struct engine_snapshot_limits limits = {
		.max_requests = MAX_REQUESTS, .max_ops = MAX_OPS, .min_age_ns = MIN_AGE_NS};
	struct request **requests;

	if (!handoff_wants_open(handoff))
		return;
	requests = calloc(MAX_REQUESTS, sizeof(struct request *));
	if (requests)
		handoff_set_open(handoff, requests, engine_snapshot(engine, &limits, requests));
}
