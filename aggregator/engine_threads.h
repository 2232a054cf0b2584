/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#ifndef NT_AGGREGATOR_ENGINE_THREADS_H
#define NT_AGGREGATOR_ENGINE_THREADS_H

#include "aggregator/engine_state.h"

/* Forgets threads that have ended, when there are many. */
void threads_forget(struct engine *engine);

#endif
