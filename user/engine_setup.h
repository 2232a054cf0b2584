/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The engine as the command line wants it; the same for live captures and replays. */
#ifndef NT_USER_ENGINE_SETUP_H
#define NT_USER_ENGINE_SETUP_H

#include "aggregator/engine.h"
#include "user/options.h"

/* serial_base: engine_options.serial_base. Returns 0 and *ret_engine, or -ENOMEM. */
int engine_setup(const struct options *options, uint32_t pid, uint64_t serial_base,
		 const struct engine_output *output, struct engine **ret_engine);

#endif
