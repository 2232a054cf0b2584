/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_function.h"

#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/stacks.h"
#include "symbolizer/v8_string.h"

enum {
	SLOT_BITS = 13,
	MAX_NAME = 256,
	SHARED_SIZE = 96, /* of what is read of a SharedFunctionInfo at once, at most */
	MAX_LOCALS = 1 << 20,
};

/*
 * ScopeInfo behind its map, in words: flags, parameters, number of context locals, then what
 * scope_first_vars skips, then the variable part. Its flags:
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/scope-info.tq
 */
enum {
	SCOPE_FLAGS = 0,
	SCOPE_LOCALS = 2,
	SCOPE_HEAD = 3,
	SCOPE_TYPE_MASK = 15,
	RECEIVER_SHIFT = 7, /* 2 bits: none, stack, context, unused */
	CLASS_VARIABLE = 1 << 10,
	FUNCTION_VARIABLE = 3 << 12,
	INFERRED_NAME = 1 << 14,
};

struct known {
	uint64_t serial; /* of the script; 0 free */
	int32_t literal;
	uint64_t word;    /* what the name was read from */
	uint64_t learned; /* attempt in which it was read */
	const char *name;
	bool is_async;
};

struct v8_functions {
	struct v8_heap *heap;
	struct v8_scripts *scripts;
	struct stacks *stacks;
	struct known known[1 << SLOT_BITS];
};

struct raw_function {
	uint64_t name; /* String, ScopeInfo or Smi */
	uint64_t script;
	uint32_t flags;
	int32_t literal;
};

int v8_functions_new(struct v8_heap *heap, struct v8_scripts *scripts, struct stacks *stacks,
		     struct v8_functions **ret_functions)
{
	struct v8_functions *functions = calloc(1, sizeof(*functions));

	if (!functions)
		return -ENOMEM;
	functions->heap = heap;
	functions->scripts = scripts;
	functions->stacks = stacks;
	*ret_functions = functions;
	return 0;
}

void v8_functions_free(struct v8_functions *functions)
{
	free(functions);
}

static int read_shared(struct v8_heap *heap, uint64_t shared, struct raw_function *ret_raw)
{
	const struct v8_layout *layout = heap->layout;
	uint8_t bytes[SHARED_SIZE];
	uint16_t type;
	uint64_t map;
	int err;

	if (layout->shared_literal > sizeof(bytes) - sizeof(uint64_t) ||
	    layout->shared_name > layout->shared_literal ||
	    layout->shared_flags > layout->shared_literal ||
	    layout->shared_script > layout->shared_literal)
		return -EBADMSG;
	err = v8_read(heap, shared, 0, bytes, layout->shared_literal + sizeof(ret_raw->literal));
	if (err)
		return err;
	memcpy(&map, bytes, sizeof(map));
	err = v8_map_type(heap, map, &type);
	if (err)
		return err;
	if (type != layout->type_shared)
		return -EBADMSG;
	memcpy(&ret_raw->name, bytes + layout->shared_name, sizeof(ret_raw->name));
	memcpy(&ret_raw->script, bytes + layout->shared_script, sizeof(ret_raw->script));
	memcpy(&ret_raw->flags, bytes + layout->shared_flags, sizeof(ret_raw->flags));
	memcpy(&ret_raw->literal, bytes + layout->shared_literal, sizeof(ret_raw->literal));
	return 0;
}

/* While a debugger is attached, a DebugInfo may stand where the script was. */
static int find_script(struct v8_heap *heap, uint64_t *script)
{
	const struct v8_layout *layout = heap->layout;
	uint16_t type;
	int err = v8_type(heap, *script, &type);

	if (!err && layout->debug_script && type == layout->type_debug_info) {
		err = v8_read_word(heap, *script, layout->debug_script, script);
		if (!err)
			err = v8_type(heap, *script, &type);
	}
	if (err)
		return err;
	return type == layout->type_script ? 0 : -ENOENT;
}

/* Index of the function's name among the words of its ScopeInfo. */
static int name_index(const struct v8_layout *layout, const uint64_t *head, uint32_t *ret_index,
		      uint32_t *ret_flags)
{
	uint64_t raw = head[SCOPE_FLAGS];
	uint32_t flags = v8_is_smi(raw) ? (uint32_t)(raw >> 32) : (uint32_t)raw;
	uint32_t locals = (uint32_t)v8_smi(head[SCOPE_LOCALS]);
	uint32_t index = layout->scope_first_vars;
	uint32_t receiver = flags >> RECEIVER_SHIFT & 3;

	if (!v8_is_smi(head[SCOPE_LOCALS]) || locals > MAX_LOCALS)
		return -EBADMSG;
	if ((flags & SCOPE_TYPE_MASK) == layout->scope_module)
		index++; /* number of its variables */
	/* Many names are in one table, but each local has a word of information. */
	index += (locals < layout->scope_inlined_names ? locals : 1) + locals;
	if (flags & CLASS_VARIABLE)
		index++;
	if (layout->scope_receiver && (receiver == 1 || receiver == 2))
		index++;
	*ret_index = index;
	*ret_flags = flags;
	return 0;
}

/* Copies a name; a Smi and undefined stand for none. */
static int copy_name(struct v8_heap *heap, uint64_t word, char *buf, size_t *ret_len)
{
	uint16_t type;
	int err;

	if (v8_is_smi(word)) {
		*ret_len = 0;
		return 0;
	}
	err = v8_type(heap, word, &type);
	if (err)
		return err;
	if (type != heap->layout->type_oddball)
		return v8_string_copy(heap, word, buf, MAX_NAME, ret_len);
	*ret_len = 0;
	return 0;
}

static int copy_scope_name(struct v8_heap *heap, uint64_t scope, char *buf, size_t *ret_len)
{
	uint64_t head[SCOPE_HEAD];
	uint64_t words[3] = {0}; /* name, what it is bound to, inferred name */
	uint32_t index;
	uint32_t flags;
	size_t len = 0;
	size_t at = 0;
	int err;

	err = v8_read(heap, scope, sizeof(uint64_t), head, sizeof(head));
	if (!err)
		err = name_index(heap->layout, head, &index, &flags);
	if (!err && flags & (FUNCTION_VARIABLE | INFERRED_NAME))
		err = v8_read(heap, scope, (index + 1) * (uint32_t)sizeof(*words), words,
			      sizeof(words));
	if (!err && flags & FUNCTION_VARIABLE) {
		err = copy_name(heap, words[0], buf, &len);
		at = 2;
	}
	if (!err && !len && flags & INFERRED_NAME)
		err = copy_name(heap, words[at], buf, &len);
	if (!err)
		*ret_len = len;
	return err;
}

/* The names that V8 has for functions that are not written as such, and for none. */
static const char *fixed_name(const struct v8_layout *layout, uint32_t flags)
{
	uint32_t kind = flags & layout->function_kind_mask;

	if (kind && kind == layout->function_members)
		return "<instance_members_initializer>";
	if (kind && kind >= layout->function_static && kind <= layout->function_static_last)
		return "<static_initializer>";
	return NULL;
}

static bool is_async(const struct v8_layout *layout, uint32_t flags)
{
	uint32_t kind = flags & layout->function_kind_mask;

	return layout->function_async && kind >= layout->function_async &&
	       kind <= layout->function_async_last;
}

/* A name that cannot be read is not the same as none. */
static int read_name(struct v8_functions *functions, const struct raw_function *raw,
		     const char **ret_name)
{
	const char *fixed = fixed_name(functions->heap->layout, raw->flags);
	struct v8_heap *heap = functions->heap;
	char name[MAX_NAME];
	uint16_t type = 0;
	size_t len = 0;
	int err = 0;

	if (!fixed && v8_is_object(raw->name))
		err = v8_type(heap, raw->name, &type);
	if (!err && !fixed)
		err = type == heap->layout->type_scope_info
			      ? copy_scope_name(heap, raw->name, name, &len)
			      : copy_name(heap, raw->name, name, &len);
	if (err)
		return err;
	if (!fixed)
		fixed = "(anonymous)";
	*ret_name = stacks_name(functions->stacks, len ? name : fixed, len ? len : strlen(fixed));
	return 0;
}

static struct known *slot_of(struct v8_functions *functions, const struct v8_script *script,
			     int32_t literal)
{
	uint64_t key = script->serial << 20 ^ (uint32_t)literal;

	return &functions->known[(key * 0x9e3779b97f4a7c15ULL) >> (64 - SLOT_BITS)];
}

int v8_function_read(struct v8_functions *functions, uint32_t tid, uint64_t shared,
		     struct v8_function *ret_function)
{
	struct v8_script *script;
	struct raw_function raw;
	struct known *known;
	int err;

	err = read_shared(functions->heap, shared, &raw);
	if (!err)
		err = find_script(functions->heap, &raw.script);
	if (!err)
		err = v8_scripts_get(functions->scripts, tid, raw.script, &script);
	if (err)
		return err;
	known = slot_of(functions, script, raw.literal);
	/* The word is a guard against a number that is given twice. */
	if (known->serial != script->serial || known->literal != raw.literal ||
	    known->word != raw.name) {
		const char *name;

		err = read_name(functions, &raw, &name);
		if (err)
			return err;
		*known = (struct known){
			script->serial, raw.literal,
			raw.name,       functions->heap->attempt,
			name,           is_async(functions->heap->layout, raw.flags)};
	}
	*ret_function = (struct v8_function){known->name, script, raw.literal, known->is_async};
	return 0;
}

int v8_function_recall(struct v8_functions *functions, uint32_t tid, int32_t script_id,
		       int32_t literal, struct v8_function *ret_function)
{
	const struct known *known;
	struct v8_script *script;
	int err;

	if (script_id <= 0 || literal < 0)
		return -ENOENT;
	err = v8_scripts_recall(functions->scripts, tid, script_id, &script);
	if (err)
		return err;
	known = slot_of(functions, script, literal);
	if (known->serial != script->serial || known->literal != literal)
		return -ENOENT;
	*ret_function = (struct v8_function){known->name, script, literal, known->is_async};
	return 0;
}

void v8_functions_discard(struct v8_functions *functions)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions->known); i++)
		if (functions->known[i].learned == functions->heap->attempt)
			functions->known[i].serial = 0;
}
