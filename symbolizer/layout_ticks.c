/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where the queue of ticks is: a variable of the module whose function processTicksAndRejections the
 * Environment, or its Realm, calls at the end of a callback scope. The function is found by its name and
 * by what it closes over: a queue whose shape nothing else has. All of it is found in the live process and read
 * again at every use, since V8 moves it.
 */
#include <errno.h>
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/layout_steps.h"
#include "symbolizer/layout_table.h"

enum {
	ENV_WORDS = 2048,       /* of an Environment that are looked at … */
	REALM_WORDS = 256,      /* … and of a Realm; more would be what lies behind it */
	MAX_CONTEXT_SLOTS = 64, /* of a module that has less than half as many */
	ATTEMPTS = 3,           /* a collection may move it all meanwhile */
	SHARED_WORDS = 8,       /* of a SharedFunctionInfo, whose name is among the first … */
	SCOPE_WORDS = 48,       /* … or stands in its ScopeInfo */
	MAX_READS = 200000      /* in all; node's own memory takes a few thousand */
};

#define HEAP_TAG 1

static const char function_name[] = "processTicksAndRejections";

struct search {
	struct memory memory; /* the target's, counted */
	const struct memory *target;
	uint32_t n_reads;
	struct node_layout *layout;
	uint64_t queue;    /* the one found, 0 none yet */
	bool is_ambiguous; /* there are two */
};

/* Where it was found. */
struct place {
	uint32_t realm;    /* Environment -> Realm, 0: the Environment has it */
	uint32_t callback; /* -> the function's handle */
};

/* Memory may be such that the search took days: whoever made it so gets no ticks. */
static int counted_read(void *user, uint64_t address, void *buf, size_t len)
{
	struct search *search = user;

	if (search->n_reads == MAX_READS)
		return -EFAULT;
	search->n_reads++;
	return memory_read(search->target, address, buf, len);
}

static bool is_object(uint64_t word)
{
	return (word & 3) == HEAP_TAG && word >> 16 && !(word >> 47);
}

static bool is_smi(uint64_t word)
{
	return !(word & 0xffffffff);
}

static bool field_of(const struct search *search, uint64_t object, uint32_t offset,
		     uint64_t *ret_word)
{
	return is_object(object) &&
	       memory_read_u64(&search->memory, object - HEAP_TAG + offset, ret_word) == 0;
}

static bool is_name(const struct search *search, uint64_t string)
{
	const struct nt_config *config = &search->layout->config;
	char text[sizeof(function_name) - 1];
	uint32_t len;

	return is_object(string) &&
	       !memory_read(&search->memory, string - HEAP_TAG + config->string_length, &len,
			    sizeof(len)) &&
	       len == sizeof(text) &&
	       !memory_read(&search->memory, string - HEAP_TAG + config->string_chars, text,
			    sizeof(text)) &&
	       !memcmp(text, function_name, sizeof(text));
}

/* Is the name among the first words of the object? */
static bool holds_name(const struct search *search, uint64_t object, uint32_t n_words)
{
	uint64_t words[SCOPE_WORDS];
	size_t n = is_object(object) ? layout_read_object(&search->memory, object - HEAP_TAG, words,
							  n_words * sizeof(words[0]))
				     : 0;

	for (size_t i = 1; i < n / 8; i++)
		if (is_name(search, words[i]))
			return true;
	return false;
}

/* Other functions that node's C++ knows close over such a queue as well. */
static bool is_named(const struct search *search, uint64_t function)
{
	uint64_t shared, scope;

	if (!field_of(search, function, search->layout->config.js_function_shared, &shared))
		return false;
	if (holds_name(search, shared, SHARED_WORDS))
		return true;
	for (uint32_t i = 1; i < SHARED_WORDS; i++)
		if (field_of(search, shared, i * 8, &scope) &&
		    holds_name(search, scope, SCOPE_WORDS))
			return true;
	return false;
}

static bool is_buffer(const struct search *search, uint64_t buffer)
{
	const struct nt_config *config = &search->layout->config;
	uint64_t bottom, top, list, elements, length;

	return field_of(search, buffer, config->tick_bottom, &bottom) &&
	       field_of(search, buffer, config->tick_bottom + 8, &top) &&
	       field_of(search, buffer, config->tick_bottom + 16, &list) &&
	       field_of(search, list, config->array_elements, &elements) &&
	       field_of(search, elements, config->array_first - 8, &length) && is_smi(bottom) &&
	       is_smi(top) && bottom >> 32 < NT_TICK_QUEUE && top >> 32 < NT_TICK_QUEUE &&
	       length == (uint64_t)NT_TICK_QUEUE << 32;
}

static bool is_queue(const struct search *search, uint64_t queue)
{
	const struct nt_config *config = &search->layout->config;
	uint64_t tail, head, tail_map, head_map;

	return field_of(search, queue, config->tick_tail, &tail) &&
	       field_of(search, queue, config->tick_tail + 8, &head) &&
	       field_of(search, tail, 0, &tail_map) && field_of(search, head, 0, &head_map) &&
	       tail_map == head_map && is_buffer(search, tail) && is_buffer(search, head);
}

static void found(struct search *search, struct place place, uint32_t slot, uint64_t queue)
{
	if (search->queue && search->queue != queue)
		search->is_ambiguous = true;
	if (search->queue)
		return;
	search->queue = queue;
	layout_set(search->layout, LAYOUT_FIELD_tick_realm, place.realm, LAYOUT_DERIVED);
	layout_set(search->layout, LAYOUT_FIELD_tick_callback, place.callback, LAYOUT_DERIVED);
	layout_set(search->layout, LAYOUT_FIELD_tick_slot, slot, LAYOUT_DERIVED);
}

/* Is it a function, and is a queue among the variables of its module? */
static void look_into(struct search *search, struct place place, uint64_t function)
{
	const struct nt_config *config = &search->layout->config;
	uint64_t map, context, length, queue;
	uint16_t type;

	if (!field_of(search, function, 0, &map) || !is_object(map) ||
	    memory_read(&search->memory, map - HEAP_TAG + config->map_instance_type, &type,
			sizeof(type)) ||
	    type < config->types_function_first || type > config->types_function_last ||
	    !field_of(search, function, config->js_function_context, &context) ||
	    !field_of(search, context, 8, &length) || !is_smi(length) ||
	    length >> 32 > MAX_CONTEXT_SLOTS)
		return;
	for (uint32_t i = 0; i < length >> 32; i++) {
		uint32_t slot = config->context_slots + i * 8;

		if (field_of(search, context, slot, &queue) && is_queue(search, queue) &&
		    is_named(search, function))
			found(search, place, slot, queue);
	}
}

/* All handles that stand in the object. */
static void look_at(struct search *search, uint64_t holder, size_t max_words, uint32_t realm)
{
	uint64_t words[ENV_WORDS];
	size_t n = layout_read_object(&search->memory, holder, words, max_words * 8) / 8;
	uint64_t function;

	for (size_t i = 0; i < n; i++) {
		struct place place = {.realm = realm, .callback = (uint32_t)(i * 8)};

		if (words[i] % 8 == 0 && words[i] >> 16 && !(words[i] >> 47) &&
		    !memory_read_u64(&search->memory, words[i], &function) && is_object(function))
			look_into(search, place, function);
	}
}

/* The Realm of the Environment: one of its members points back to it. */
static void look_at_realms(struct search *search)
{
	uint64_t env = search->layout->main_env, words[ENV_WORDS], back;
	size_t n = layout_read_object(&search->memory, env, words, sizeof(words)) / 8;

	for (size_t i = 0; i < n && !search->queue; i++) {
		if (words[i] % 8 == 0 && words[i] >> 16 && !(words[i] >> 47) &&
		    !memory_read_u64(&search->memory, words[i] + search->layout->config.realm_env,
				     &back) &&
		    back == env)
			look_at(search, words[i], REALM_WORDS, (uint32_t)(i * 8));
	}
}

void layout_find_ticks(const struct memory *memory, struct node_layout *layout)
{
	struct search search = {.target = memory, .layout = layout};

	if (!layout->config.tick_tail || !layout->config.types_function_first ||
	    !layout->config.js_function_context)
		return;
	search.memory = (struct memory){.read = counted_read, .user = &search};
	for (int i = 0; i < ATTEMPTS && !search.queue; i++) {
		if (layout->config.realm_env) /* they have the functions where there are any */
			look_at_realms(&search);
		else
			look_at(&search, layout->main_env, ENV_WORDS, 0);
	}
	if (search.is_ambiguous || search.n_reads == MAX_READS) /* not all of it was seen */
		layout_set(layout, LAYOUT_FIELD_tick_slot, 0, LAYOUT_ABSENT);
}
