/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where the lists of timers are: timerListQueue, a variable of the module in which processTimers is made,
 * which node calls when a timer is due. The function is found by its name, the queue by its shape;
 * the lists of a running program must then be as expected as well.
 *
 * https://github.com/nodejs/node/blob/v16.20.2/lib/internal/timers.js
 * https://github.com/nodejs/node/blob/v26.10.0/lib/internal/timers.js
 */
#include "symbolizer/base.h"
#include "symbolizer/layout_callbacks.h"
#include "symbolizer/layout_steps.h"

static const char function_name[] = "processTimers";

/* An array with room for the first list, at [1]; *ret_list is whatever stands there. */
static bool is_heap_array(const struct callback_search *search, uint64_t array, uint64_t *ret_list)
{
	const struct nt_config *config = &search->layout->config;
	uint64_t elements, room, length;

	return callback_field(search, array, config->array_elements, &elements) &&
	       callback_field(search, array, config->array_elements + 8, &length) &&
	       callback_field(search, elements, config->array_first - 8, &room) &&
	       callback_is_smi(length) && callback_is_smi(room) && length >> 32 >= 2 &&
	       room >> 32 >= 2 &&
	       callback_field(search, elements, config->array_first + 8, ret_list);
}

/* Is the first of its timers linked to it, and it to that? */
static bool is_list(const struct callback_search *search, uint64_t list)
{
	const struct nt_config *config = &search->layout->config;
	uint64_t timer, next;

	return callback_field(search, list, config->list_first, &timer) &&
	       (timer == list ||
		(callback_field(search, timer, config->timeout_next, &next) && next == list));
}

/* PriorityQueue: two functions, the heap and its size. With lists in it the first must be one. */
static bool is_queue(const struct callback_search *search, uint64_t queue)
{
	const struct nt_config *config = &search->layout->config;
	uint32_t other = config->queue_heap == config->queue_size - 8 ? config->queue_heap - 8
								      : config->queue_heap + 8;
	uint64_t compare, position, array, size, list;

	return callback_field(search, queue, config->queue_size - 24, &compare) &&
	       callback_field(search, queue, other, &position) &&
	       callback_field(search, queue, config->queue_heap, &array) &&
	       callback_field(search, queue, config->queue_size, &size) && callback_is_smi(size) &&
	       callback_is_function(search, compare) && callback_is_function(search, position) &&
	       is_heap_array(search, array, &list) && (!(size >> 32) || is_list(search, list));
}

/* The function is made in another one: the module's variables are one scope further out. */
static void see(struct callback_search *search, struct callback_place place, uint64_t function,
		uint64_t context, uint32_t n_slots)
{
	const struct nt_config *config = &search->layout->config;
	uint64_t module, queue;

	if (!callback_is_named(search, function, function_name) ||
	    !callback_field(search, context, config->context_previous, &module))
		return;
	n_slots = callback_slots(search, module);
	for (uint32_t i = 0; i < n_slots; i++) {
		uint32_t slot = config->context_slots + i * 8;

		if (!callback_field(search, module, slot, &queue) || !is_queue(search, queue) ||
		    place.realm != config->tick_realm || !callback_found(search, queue))
			continue;
		layout_set(search->layout, LAYOUT_FIELD_timer_callback, place.callback,
			   LAYOUT_DERIVED);
		layout_set(search->layout, LAYOUT_FIELD_timer_slot, slot, LAYOUT_DERIVED);
	}
}

void layout_find_timers(const struct memory *memory, struct node_layout *layout)
{
	struct callback_search search = {.target = memory, .layout = layout, .see = see};

	if (!layout->config.tick_slot || !layout->config.queue_heap ||
	    !layout->config.timeout_async_id)
		return;
	if (!callbacks_search(&search))
		layout_set(layout, LAYOUT_FIELD_timer_slot, 0, LAYOUT_ABSENT);
}
