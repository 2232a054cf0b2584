/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/base.h"
#include "symbolizer/layout_steps.h"
#include "symbolizer/layout_table.h"
#include "symbolizer/loop_handles.h"

enum {
	ATTEMPTS = 3
};

struct check {
	const struct memory *memory;
	const struct node_layout *layout;
};

/* True when the AsyncWrap leads to the main Environment as BPF would follow it. */
static bool leads_to_env(const struct check *check, uint64_t wrap)
{
	const struct nt_config *config = &check->layout->config;
	uint64_t env;

	if (memory_read_u64(check->memory, wrap + config->wrap_realm, &env))
		return false;
	if (config->realm_env && memory_read_u64(check->memory, env + config->realm_env, &env))
		return false;
	return env == check->layout->main_env;
}

static bool has_id(const struct check *check, uint64_t wrap)
{
	double counter;
	double id;

	if (memory_read(check->memory, wrap + check->layout->config.wrap_async_id, &id,
			sizeof(id)) ||
	    memory_read(check->memory, check->layout->async_ids + 2 * sizeof(counter), &counter,
			sizeof(counter)))
		return false;
	/* -1 is the id of a wrap that is being destroyed. */
	return id == -1 || (id >= 1 && id <= counter && id == (double)(int64_t)id);
}

/*
 * A TCPWrap holds its uv_tcp_t, so the distance between the two is known, and so is where it leads.
 * Both or neither: a handle of an addon has neither.
 */
static int see_handle(void *user, const struct loop_handle *handle)
{
	const struct check *check = user;
	const struct nt_config *config = &check->layout->config;
	bool is_wrap;
	uint64_t wrap;

	if (handle->type != layout_walk.type_tcp ||
	    memory_read_u64(check->memory, handle->address + config->uv_data, &wrap))
		return 0;
	is_wrap = handle->address - wrap ==
		  config->wrap_size + layout_walk.handle_wrap + config->stream_uv_embedded;
	if (is_wrap != leads_to_env(check, wrap))
		return -EOPNOTSUPP;
	return is_wrap && !has_id(check, wrap) ? -EOPNOTSUPP : 0;
}

int layout_check_handles(const struct memory *memory, const struct elf_file *elf,
			 const struct node_layout *layout)
{
	struct check check = {.memory = memory, .layout = layout};
	struct elf_symbol loop;
	int err = 0;

	if (elf_file_find(elf, "default_loop_struct", &loop))
		return -EOPNOTSUPP;
	/* A list that changes while it is read says nothing; a socket may be freed meanwhile. */
	for (int i = 0; i < ATTEMPTS; i++) {
		err = loop_handles_visit(memory, loop.address + layout->load_bias, see_handle,
					 &check);
		if (err != -EOPNOTSUPP)
			return 0;
	}
	return err;
}
