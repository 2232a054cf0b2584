/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Two requests at once, and a connection that was there before and serves them both. */
#ifndef NT_TESTS_UNIT_AGGREGATOR_PAIR_H
#define NT_TESTS_UNIT_AGGREGATOR_PAIR_H

#include "aggregator/trace.h"

#define POOL_ID 90 /* of a connection that was there before */
#define OWN     (NT_BIRTH_CONTEXT | NT_SIGHT_FRAME)

/* Two requests, open at once. */
struct pair {
	struct trace trace;
	uint32_t born[2]; /* sequence numbers of the gaps in which their closures were made */
};

static inline void handle(struct pair *pair, uint32_t i, const char *url)
{
	struct trace *trace = &pair->trace;

	trace_request(trace, 0x1000 + i, 0x2000 + i, 50 + i, url);
	pair->born[i] = trace->seq;
	trace_close(trace, 0x7000);
}

static inline void begin(struct pair *pair)
{
	memset(pair, 0, sizeof(*pair));
	trace_init(&pair->trace, 100);
	for (uint32_t i = 0; i < 2; i++) { /* it serves many, and is seen to */
		trace_scope(&pair->trace, 0x8000, POOL_ID, 0, 0);
		trace_close(&pair->trace, 0x8000);
	}
	handle(pair, 0, "/first");
	handle(pair, 1, "/second");
}

static inline void end(struct pair *pair)
{
	trace_answer_all(&pair->trace, 2);
}

static inline const struct op *op_of(const struct pair *pair, const char *url, const char *path)
{
	const struct request *request = trace_find(&pair->trace, url);

	assert_non_null(request);
	return trace_op(request, path);
}

#endif
