/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/bpf_config.h"

#include "bpf/config.h"
#include "user/attach.h"
#include "user/options.h"
#include "user/target.h"

static bool can_follow_closures(const struct options *options, const struct target *target)
{
	const struct nt_config *config = &target->layout.config;

	return options->promises && config->lab_top && config->types_context_first &&
	       attach_sites_of(&target->sites, NT_SHAPE_GC_BEGIN);
}

static unsigned int stacks_wanted(const struct options *options, const struct target *target)
{
	if (!options->stacks)
		return NT_STACKS_OFF;
	return target->files[TARGET_LIBRARY].fd >= 0 ? NT_STACKS_AT_INIT : NT_STACKS_ON;
}

void bpf_config_fill(const struct options *options, const struct target *target,
		     struct nt_config *config)
{
	*config = target->layout.config;
	config->keep_query = options->show_query;
	config->stacks = stacks_wanted(options, target);
	config->tls_written = attach_sites_of(&target->sites, NT_SHAPE_TLS_WRITTEN) > 0;
	config->promises_by_birth = options->promises == PROMISES_CHEAP;
	config->closures = can_follow_closures(options, target) &&
			   (options->closures || config->promises_by_birth);
}
