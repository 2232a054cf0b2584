/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Takes what an engine hands out and does with it all that the program can: every exporter, every metric. */
#ifndef NT_TESTS_FUZZ_SINK_H
#define NT_TESTS_FUZZ_SINK_H

#include "aggregator/engine.h"

/* Makes an engine whose output goes to a sink. End both with sink_finish(). */
struct engine *sink_engine(uint32_t max_ops);
/* Finishes and frees the engine and checks what came out. */
void sink_finish(struct engine *engine, uint64_t now_ns);

#endif
