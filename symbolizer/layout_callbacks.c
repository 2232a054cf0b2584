/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/layout_callbacks.h"

#include <errno.h>
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/layout_steps.h"

enum {
	ENV_WORDS = 2048,  /* of an Environment that are looked at … */
	REALM_WORDS = 256, /* … and of a Realm; more would be what lies behind it */
	ATTEMPTS = 3,
	SHARED_WORDS = 8, /* of a SharedFunctionInfo, whose name is among the first … */
	SCOPE_WORDS = 48, /* … or stands in its ScopeInfo */
	MAX_NAME = 32,
	MAX_READS = 200000 /* in all; node's own memory takes a few thousand */
};

#define HEAP_TAG 1

/* Memory may be such that the search took days: whoever made it so gets nothing. */
static int counted_read(void *user, uint64_t address, void *buf, size_t len)
{
	struct callback_search *search = user;

	if (search->n_reads == MAX_READS)
		return -EFAULT;
	search->n_reads++;
	return memory_read(search->target, address, buf, len);
}

static bool is_object(uint64_t word)
{
	return (word & 3) == HEAP_TAG && word >> 16 && !(word >> 47);
}

bool callback_field(const struct callback_search *search, uint64_t object, uint32_t offset,
		    uint64_t *ret_word)
{
	return is_object(object) &&
	       memory_read_u64(&search->memory, object - HEAP_TAG + offset, ret_word) == 0;
}

static bool is_name(const struct callback_search *search, uint64_t string, const char *name)
{
	const struct nt_config *config = &search->layout->config;
	char text[MAX_NAME];
	uint32_t len;

	return is_object(string) &&
	       !memory_read(&search->memory, string - HEAP_TAG + config->string_length, &len,
			    sizeof(len)) &&
	       len == strlen(name) && len <= sizeof(text) &&
	       !memory_read(&search->memory, string - HEAP_TAG + config->string_chars, text, len) &&
	       !memcmp(text, name, len);
}

/* Is the name among the first words of the object? */
static bool holds_name(const struct callback_search *search, uint64_t object, uint32_t n_words,
		       const char *name)
{
	uint64_t words[SCOPE_WORDS];
	size_t n = is_object(object) ? layout_read_object(&search->memory, object - HEAP_TAG, words,
							  n_words * sizeof(words[0]))
				     : 0;

	for (size_t i = 1; i < n / 8; i++)
		if (is_name(search, words[i], name))
			return true;
	return false;
}

bool callback_is_named(const struct callback_search *search, uint64_t function, const char *name)
{
	uint64_t shared, scope;

	if (!callback_field(search, function, search->layout->config.js_function_shared, &shared))
		return false;
	if (holds_name(search, shared, SHARED_WORDS, name))
		return true;
	for (uint32_t i = 1; i < SHARED_WORDS; i++)
		if (callback_field(search, shared, i * 8, &scope) &&
		    holds_name(search, scope, SCOPE_WORDS, name))
			return true;
	return false;
}

bool callback_found(struct callback_search *search, uint64_t object)
{
	if (search->found && search->found != object)
		search->is_ambiguous = true;
	if (search->found)
		return false;
	search->found = object;
	return true;
}

bool callback_is_function(const struct callback_search *search, uint64_t object)
{
	const struct nt_config *config = &search->layout->config;
	uint64_t map;
	uint16_t type;

	return callback_field(search, object, 0, &map) && is_object(map) &&
	       !memory_read(&search->memory, map - HEAP_TAG + config->map_instance_type, &type,
			    sizeof(type)) &&
	       type >= config->types_function_first && type <= config->types_function_last;
}

uint32_t callback_slots(const struct callback_search *search, uint64_t context)
{
	uint64_t length;

	if (!callback_field(search, context, 8, &length) || !callback_is_smi(length) ||
	    length >> 32 > CALLBACK_MAX_SLOTS)
		return 0;
	return (uint32_t)(length >> 32);
}

/* All handles that stand in the object. */
static void look_at(struct callback_search *search, uint64_t holder, size_t max_words,
		    uint32_t realm)
{
	const struct nt_config *config = &search->layout->config;
	uint64_t words[ENV_WORDS], function, context;
	size_t n = layout_read_object(&search->memory, holder, words, max_words * 8) / 8;
	uint32_t n_slots;

	for (size_t i = 0; i < n; i++) {
		struct callback_place place = {.realm = realm, .callback = (uint32_t)(i * 8)};

		if (words[i] % 8 || !(words[i] >> 16) || words[i] >> 47 ||
		    memory_read_u64(&search->memory, words[i], &function) ||
		    !callback_is_function(search, function) ||
		    !callback_field(search, function, config->js_function_context, &context))
			continue;
		n_slots = callback_slots(search, context);
		if (n_slots)
			search->see(search, place, function, context, n_slots);
	}
}

/* The Realm of the Environment: one of its members points back to it. */
static void look_at_realms(struct callback_search *search)
{
	uint64_t env = search->layout->main_env, words[ENV_WORDS], back;
	size_t n = layout_read_object(&search->memory, env, words, sizeof(words)) / 8;

	for (size_t i = 0; i < n && !search->found; i++) {
		if (words[i] % 8 == 0 && words[i] >> 16 && !(words[i] >> 47) &&
		    !memory_read_u64(&search->memory, words[i] + search->layout->config.realm_env,
				     &back) &&
		    back == env)
			look_at(search, words[i], REALM_WORDS, (uint32_t)(i * 8));
	}
}

bool callbacks_search(struct callback_search *search)
{
	search->memory = (struct memory){.read = counted_read, .user = search};
	for (int i = 0; i < ATTEMPTS && !search->found; i++) {
		if (search->layout->config
			    .realm_env) /* they have the functions where there are any */
			look_at_realms(search);
		else
			look_at(search, search->layout->main_env, ENV_WORDS, 0);
	}
	/* given up: not all of it was seen */
	return !search->is_ambiguous && search->n_reads < MAX_READS;
}
