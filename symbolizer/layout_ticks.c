/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where the queue of ticks is: a variable of the module of processTicksAndRejections, which node calls at the
 * end of a callback scope. The function is found by its name and by what it closes over: a queue
 * whose shape nothing else has. All of it is found in the live process and read again at every
 * use, since V8 moves it.
 */
#include "symbolizer/base.h"
#include "symbolizer/layout_callbacks.h"
#include "symbolizer/layout_steps.h"

static const char function_name[] = "processTicksAndRejections";

static bool is_buffer(const struct callback_search *search, uint64_t buffer)
{
	const struct nt_config *config = &search->layout->config;
	uint64_t bottom, top, list, elements, length;

	return callback_field(search, buffer, config->tick_bottom, &bottom) &&
	       callback_field(search, buffer, config->tick_bottom + 8, &top) &&
	       callback_field(search, buffer, config->tick_bottom + 16, &list) &&
	       callback_field(search, list, config->array_elements, &elements) &&
	       callback_field(search, elements, config->array_first - 8, &length) &&
	       callback_is_smi(bottom) && callback_is_smi(top) && bottom >> 32 < NT_TICK_QUEUE &&
	       top >> 32 < NT_TICK_QUEUE && length == (uint64_t)NT_TICK_QUEUE << 32;
}

static bool is_queue(const struct callback_search *search, uint64_t queue)
{
	const struct nt_config *config = &search->layout->config;
	uint64_t tail, head, tail_map, head_map;

	return callback_field(search, queue, config->tick_tail, &tail) &&
	       callback_field(search, queue, config->tick_tail + 8, &head) &&
	       callback_field(search, tail, 0, &tail_map) &&
	       callback_field(search, head, 0, &head_map) && tail_map == head_map &&
	       is_buffer(search, tail) && is_buffer(search, head);
}

/* Is a queue among the variables of the function's module? */
static void see(struct callback_search *search, struct callback_place place, uint64_t function,
		uint64_t context, uint32_t n_slots)
{
	uint64_t queue;

	for (uint32_t i = 0; i < n_slots; i++) {
		uint32_t slot = search->layout->config.context_slots + i * 8;

		if (!callback_field(search, context, slot, &queue) || !is_queue(search, queue) ||
		    !callback_is_named(search, function, function_name) ||
		    !callback_found(search, queue))
			continue;
		layout_set(search->layout, LAYOUT_FIELD_tick_realm, place.realm, LAYOUT_DERIVED);
		layout_set(search->layout, LAYOUT_FIELD_tick_callback, place.callback,
			   LAYOUT_DERIVED);
		layout_set(search->layout, LAYOUT_FIELD_tick_slot, slot, LAYOUT_DERIVED);
	}
}

void layout_find_ticks(const struct memory *memory, struct node_layout *layout)
{
	struct callback_search search = {.target = memory, .layout = layout, .see = see};

	if (!layout->config.tick_tail || !layout->config.types_function_first ||
	    !layout->config.js_function_context)
		return;
	if (!callbacks_search(&search))
		layout_set(layout, LAYOUT_FIELD_tick_slot, 0, LAYOUT_ABSENT);
}
