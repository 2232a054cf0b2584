/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What compress.c decides and compress_build.c does; not for others. */
#ifndef NT_AGGREGATOR_COMPRESS_PLAN_H
#define NT_AGGREGATOR_COMPRESS_PLAN_H

#include "aggregator/request.h"

/* What becomes of an operation. */
enum fate {
	FATE_KEPT,
	FATE_MERGED,  /* into a sibling */
	FATE_INLINED, /* into the nearest one above it that is kept */
};

struct compressor {
	const struct request *request;
	uint8_t *fate;   /* enum fate */
	uint32_t *into;  /* the operation that stands for it, itself when kept; OP_PARENT_REQUEST */
	uint32_t *place; /* of a kept one among the new ones */
	struct request *out;
};

/* The parent's index, checked. */
static inline uint32_t compress_parent(const struct request *request, uint32_t op)
{
	return request->ops[op].parent < op ? request->ops[op].parent : OP_PARENT_REQUEST;
}

/* For qsort(). */
static inline int compress_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Makes compressor->out. Returns 0, or -ENOMEM and what was made so far is the caller's to free. */
int compress_build(struct compressor *compressor);

#endif
