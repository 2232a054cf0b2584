/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/engine_setup.h"

#include "symbolizer/base.h"
#include "user/output.h"

#define MAX_MEMORY (256ull << 20)
#define LINGER_NS  NS_PER_SEC

int engine_setup(const struct options *options, uint32_t pid, uint64_t serial_base,
		 const struct engine_output *output, struct engine **ret_engine)
{
	const struct engine_options engine_options = {
		.pid = pid,
		.serial_base = serial_base,
		.max_ops = options->max_nodes,
		.internal = options->all_ops,
		.linger_ns = LINGER_NS,
		.max_memory = MAX_MEMORY / (options->n_pids ? options->n_pids : 1),
		.keep_unowned = output_wants_unowned(options),
		.around = options->view,
		.no_labels = !output_wants_labels(options),
		.no_births = options->promises == PROMISES_OFF ||
			     (!options->closures && options->promises != PROMISES_CHEAP),
	};

	return engine_new(&engine_options, output, ret_engine);
}
