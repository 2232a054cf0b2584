/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/layout.h"
#include "symbolizer/layout_steps.h"
#include "symbolizer/layout_table.h"

enum {
	ENV_WORDS = 2048,         /* words of the Environment among which the realm is looked for */
	MAX_IMMEDIATES = 1 << 30, /* a believable count */
	HEAP_TAG = 1,
};

#define MAX_ASYNC_ID 9007199254740992.0

struct check {
	const struct memory *memory;
	const struct node_layout *layout;
};

static bool read_u64(const struct check *check, uint64_t address, uint64_t *ret_value)
{
	return memory_read_u64(check->memory, address, ret_value) == 0;
}

/* The pointers that BPF follows lead to the buffers that discovery found. */
static const char *check_buffers(const struct check *check)
{
	const struct nt_config *config = &check->layout->config;
	uint64_t env = check->layout->main_env;
	uint64_t ids;
	uint64_t immediate;
	uint64_t tick;

	if (!read_u64(check, env + config->env_async_ids, &ids) ||
	    !read_u64(check, env + config->env_immediate_info, &immediate) ||
	    !read_u64(check, env + config->env_tick_info, &tick))
		return "node's environment cannot be read";
	if (ids != check->layout->async_ids || immediate != check->layout->immediate_info ||
	    tick != check->layout->tick_info)
		return "node's environment has moved";
	return NULL;
}

static bool is_id(double value, double last)
{
	return value >= 0 && value <= last && value == (double)(int64_t)value;
}

static const char *check_ids(const struct check *check)
{
	double ids[4];
	uint32_t immediates;
	uint8_t ticks[2];

	if (memory_read(check->memory, check->layout->async_ids, ids, sizeof(ids)) ||
	    memory_read(check->memory, check->layout->immediate_info, &immediates,
			sizeof(immediates)) ||
	    memory_read(check->memory, check->layout->tick_info, ticks, sizeof(ticks)))
		return "the async ids cannot be read";
	if (!is_id(ids[2], MAX_ASYNC_ID) || ids[2] < 1 || !is_id(ids[0], ids[2]) ||
	    !is_id(ids[1], ids[2]) || (ids[3] != -1 && !is_id(ids[3], ids[2])))
		return "the async ids are no ids";
	if (immediates > MAX_IMMEDIATES || ticks[0] > 1 || ticks[1] > 1)
		return "the counts of immediates and ticks are out of range";
	return NULL;
}

/* Some member of the Environment is a realm that points back to it. */
static const char *check_realm(const struct check *check)
{
	uint64_t env = check->layout->main_env;
	uint64_t words[ENV_WORDS];
	uint64_t back;
	size_t n;

	if (!check->layout->config.realm_env)
		return NULL;
	n = layout_read_object(check->memory, env, words, sizeof(words)) / sizeof(words[0]);
	if (!n)
		return "node's environment cannot be read";
	for (size_t i = 0; i < n; i++) {
		if (words[i] % 8 == 0 && words[i] >> 47 == 0 && words[i] >> 16 &&
		    read_u64(check, words[i] + check->layout->config.realm_env, &back) &&
		    back == env)
			return NULL;
	}
	return "no realm leads back to node's environment";
}

/* The root that builtins compare with is an oddball that counts as not-a-number: undefined. */
static const char *check_undefined(const struct check *check)
{
	const struct nt_config *config = &check->layout->config;
	uint64_t undefined;
	uint64_t isolate;
	uint64_t map;
	double number;
	uint16_t type;

	if (!config->root_undefined || !config->map_instance_type)
		return NULL;
	if (layout_isolate(check->memory, check->layout, &isolate) ||
	    !read_u64(check, isolate + layout_walk.isolate_root + config->root_undefined,
		      &undefined) ||
	    !read_u64(check, undefined - HEAP_TAG, &map) ||
	    memory_read(check->memory, map - HEAP_TAG + config->map_instance_type, &type,
			sizeof(type)) ||
	    memory_read(check->memory, undefined - HEAP_TAG + config->oddball_number, &number,
			sizeof(number)))
		return "V8's undefined cannot be read";
	if (!(undefined & HEAP_TAG) || !(map & HEAP_TAG) || number == number)
		return "V8's undefined is not where it should be";
	return NULL;
}

static const char *check_types(const struct check *check)
{
	const struct nt_config *config = &check->layout->config;

	if (config->types_context_first > config->types_context_last ||
	    config->types_function_first > config->types_function_last)
		return "V8's instance types are out of order";
	return NULL;
}

int layout_verify(const struct process *process, const struct node_layout *layout, char *why,
		  size_t why_len)
{
	static const char *(*const checks[])(const struct check *) = {
		check_buffers, check_ids, check_realm, check_undefined, check_types,
	};
	const struct check check = {.memory = process_memory(process), .layout = layout};

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		const char *sentence = checks[i](&check);

		if (!sentence)
			continue;
		(void)snprintf(why, why_len, "%s", sentence);
		return -EOPNOTSUPP;
	}
	return 0;
}
