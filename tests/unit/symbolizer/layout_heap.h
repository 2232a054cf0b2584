/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Words that stand for the memory of a process; what lies outside of them cannot be read. The includer's are WORDS, how
 * many, and the places of the Environment and of the Map of functions, ENV and FUNCTION_MAP.
 */
#ifndef NT_TESTS_LAYOUT_HEAP_H
#define NT_TESTS_LAYOUT_HEAP_H

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "symbolizer/layout_table.h"
#include "symbolizer/process.h"

enum {
	FUNCTION_TYPE = 77,
	REALM_ENV = 8
};

static uint64_t heap[WORDS] __attribute__((aligned(4096)));
static uint64_t n_reads; /* a hostile one must not make it read for ever */

static int read_heap(void *user, uint64_t address, void *buf, size_t len)
{
	uint64_t start = (uintptr_t)heap;

	(void)user;
	n_reads++;
	if (address < start || address > start + sizeof(heap) ||
	    len > start + sizeof(heap) - address)
		return -EFAULT;
	memcpy(buf, (const char *)heap + (address - start), len);
	return 0;
}

static const struct memory memory = {.read = read_heap};

static inline uint64_t at(int word)
{
	return (uintptr_t)&heap[word];
}

static inline uint64_t tagged(int word)
{
	return at(word) + 1;
}

static inline uint64_t smi(uint32_t value)
{
	return (uint64_t)value << 32;
}

/* A string of V8: it has no terminator. */
static inline void put_string(int word, const char *text)
{
	uint32_t len = (uint32_t)strlen(text);
	char *string = (char *)&heap[word];

	memcpy(string + 12, &len, sizeof(len));
	for (uint32_t i = 0; i < len; i++)
		string[16 + i] = text[i];
}

static inline void put_function(int word, int shared, int context)
{
	heap[word] = tagged(FUNCTION_MAP);
	heap[word + 3] = tagged(shared);
	heap[word + 4] = tagged(context);
}

/* Nothing but the Map of functions, and the offsets with which functions and strings are read. */
static inline struct node_layout put_layout(uint32_t major)
{
	struct node_layout layout = {.node_major = major, .main_env = at(ENV)};
	struct nt_config *config = &layout.config;
	uint16_t type = FUNCTION_TYPE;

	layout_table_fill(&layout);
	config->realm_env = REALM_ENV;
	config->map_instance_type = 12;
	config->types_function_first = config->types_function_last = FUNCTION_TYPE;
	config->js_function_shared = 24;
	config->js_function_context = 32;
	config->string_length = 12;
	config->string_chars = 16;
	memset(heap, 0, sizeof(heap));
	n_reads = 0;
	memcpy((char *)&heap[FUNCTION_MAP] + config->map_instance_type, &type, sizeof(type));
	return layout;
}

#endif
