/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/resolver.h"

#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/builtin_name.h"
#include "symbolizer/demangle.h"
#include "symbolizer/perf_map.h"
#include "symbolizer/perf_name.h"
#include "symbolizer/source_path.h"
#include "symbolizer/v8_async.h"

enum {
	MAX_NAME = 256, /* bytes of a native function's short name */
	MAX_PATH = 1024,
	CACHE_BITS = 11,
	RETRY_EVERY = 256, /* stacks, between two looks for a perf map */
};

/* Demangling takes microseconds, and the bottom of all stacks is alike. */
struct known_symbol {
	uint64_t address;
	const char *name; /* NULL free */
};

struct resolver {
	struct process *process;
	const struct elf_file *elf;
	struct stacks *stacks;
	struct perf_map *perf_map;
	struct v8_frames *v8;
	const struct nt_config *config;
	struct source_maps *source_maps; /* NULL: not asked for */
	uint64_t compared;               /* see struct resolver_heap */
	uint64_t differed;
	bool is_sample; /* what is being resolved was not captured at a probe */
	/* of the file that elf is, as mappings name it */
	uint64_t inode;
	uint32_t dev_major;
	uint32_t dev_minor;
	uint32_t added;      /* stacks */
	bool maps_refreshed; /* for the stack in hand */
	uint64_t dead;       /* spill slots of the frame in hand */
	struct spills spills;
	struct known_symbol known[1 << CACHE_BITS];
};

static const char *name_string(struct resolver *resolver, const char *name)
{
	return stacks_name(resolver->stacks, name, strlen(name));
}

/* Code runs in what can be executed: another mapping is one of before, when V8 kept room for code there. */
static const struct mapping *mapping_at(struct resolver *resolver, uint64_t pc)
{
	const struct mapping *mapping = process_mapping_at(resolver->process, pc);

	if ((mapping && mapping->executable) || resolver->maps_refreshed)
		return mapping;
	resolver->maps_refreshed = true;
	if (process_refresh_maps(resolver->process))
		return NULL;
	return process_mapping_at(resolver->process, pc);
}

/* Also true for the copy of the builtins that V8 maps near its code. */
static bool is_our_file(const struct resolver *resolver, const struct mapping *mapping)
{
	return mapping->inode && mapping->inode == resolver->inode &&
	       mapping->dev_major == resolver->dev_major &&
	       mapping->dev_minor == resolver->dev_minor;
}

/*
 * The function of a pc. A return address may be one behind its function's end, when that
 * function ends with a call; but the interpreter's entries are returned to at their start.
 */
static int find_symbol(const struct resolver *resolver, uint64_t address, bool is_return,
		       struct elf_symbol *ret_symbol)
{
	struct elf_symbol symbol;
	int err;

	err = elf_file_symbolize(resolver->elf, address, &symbol);
	if (is_return && (err || (symbol.address == address && !builtin_is_interpreter(&symbol))))
		err = elf_file_symbolize(resolver->elf, address - 1, &symbol);
	if (!err)
		*ret_symbol = symbol;
	return err;
}

static const char *native_name(struct resolver *resolver, const struct elf_symbol *symbol)
{
	size_t slot = (symbol->address * 0x9e3779b97f4a7c15ULL) >> (64 - CACHE_BITS);
	struct known_symbol *known = &resolver->known[slot];
	char name[MAX_NAME];
	size_t len;

	if (known->name && known->address == symbol->address)
		return known->name;
	len = demangle_short(symbol->name, name, sizeof(name));
	known->address = symbol->address;
	known->name = stacks_name(resolver->stacks, name, len);
	return known->name;
}

/* Modules are named by their URL there; as a frame they have a path, like all others. */
static const char *perf_file(struct resolver *resolver, const struct perf_name *name)
{
	static const char scheme[] = "file://";
	char path[MAX_PATH];
	char url[MAX_PATH];

	if (name->file_len > strlen(scheme) && name->file_len < sizeof(url) &&
	    memcmp(name->file, scheme, strlen(scheme)) == 0) {
		memcpy(url, name->file, name->file_len);
		url[name->file_len] = '\0';
		url[strcspn(url, "?#")] = '\0';
		if (!source_path_join("/", "", url, path, sizeof(path)))
			return name_string(resolver, path);
	}
	return stacks_name(resolver->stacks, name->file, name->file_len);
}

static void set_perf(struct resolver *resolver, const struct perf_entry *entry, struct frame *frame)
{
	struct perf_name name;

	perf_name_parse(entry->name, entry->name_len, &name);
	frame->kind = name.kind;
	frame->function = stacks_name(resolver->stacks, name.function, name.function_len);
	frame->line = name.line;
	frame->column = name.column;
	frame->of_function = name.line != 0;
	if (name.file)
		frame->file = perf_file(resolver, &name);
}

/* The perf map names a frame only where the heap does not; else the two are compared. */
static void add_perf(struct resolver *resolver, const struct perf_entry *entry, bool has_name,
		     struct frame *frame)
{
	struct frame other = {.address = frame->address};

	if (!has_name) {
		set_perf(resolver, entry, frame);
		return;
	}
	/* a sample may hit the first instructions of a function, where the frame is its caller's still */
	if (resolver->is_sample)
		return;
	set_perf(resolver, entry, &other);
	resolver->compared++;
	if (!perf_name_agrees(&other, frame))
		resolver->differed++;
}

static void resolve_interpreted(struct resolver *resolver, const struct nt_frame *raw,
				struct frame *frame)
{
	struct perf_entry entry;
	bool has_name;

	*frame = (struct frame){.address = raw->pc, .function = "js", .kind = FRAME_JS};
	has_name = !v8_frames_interpreted(resolver->v8, raw, frame);
	/* Bytecodes move and the map does not tell: where the heap is known, it alone names them. */
	if (!has_name && v8_frames_state(resolver->v8) == V8_PROVEN)
		return;
	if (!perf_map_find_bytecode(resolver->perf_map, raw->bytecode, raw->offset, &entry))
		add_perf(resolver, &entry, has_name, frame);
}

/* Code in memory of its own; what is no JavaScript (regular expressions, WebAssembly) is in the
 * perf map only. */
static size_t resolve_jit(struct resolver *resolver, const struct nt_frame *raw, uint64_t lowest,
			  bool is_return, struct frame *frames, size_t max)
{
	struct perf_entry entry;
	bool has_name = false;
	size_t n = 1;

	frames[0] = (struct frame){.address = raw->pc, .function = "js", .kind = FRAME_JS};
	if (raw->kind == NT_FRAME_JS && is_return) {
		has_name = !v8_frames_compiled(resolver->v8, raw, lowest, max, frames, &n);
		(void)v8_frames_dead_spills(resolver->v8, raw, lowest, &resolver->dead);
	}
	if (!perf_map_find(resolver->perf_map, raw->pc - is_return, &entry))
		add_perf(resolver, &entry, has_name, &frames[n - 1]);
	return n;
}

/* Returns how many frames this one is: none when it is not worth keeping. */
static size_t resolve_symbol(struct resolver *resolver, const struct elf_symbol *symbol,
			     const struct nt_frame *raw, struct frame *frame)
{
	const char *builtin = builtin_name(symbol);

	if (!builtin) {
		frame->kind = FRAME_NATIVE;
		frame->function = native_name(resolver, symbol);
		return 1;
	}
	if (builtin_is_passage(builtin))
		return 0;
	if (raw->kind == NT_FRAME_JS && builtin_is_interpreter(symbol)) {
		resolve_interpreted(resolver, raw, frame);
		return 1;
	}
	frame->kind = FRAME_BUILTIN;
	frame->function = name_string(resolver, builtin);
	return 1;
}

/* A library or the vdso: "[libc.so.6]". */
static void resolve_library(struct resolver *resolver, const struct mapping *mapping,
			    struct frame *frame)
{
	const char *slash = strrchr(mapping->path, '/');
	const char *base = slash ? slash + 1 : mapping->path;
	char name[MAX_NAME];

	frame->kind = FRAME_NATIVE;
	(void)snprintf(name, sizeof(name), *base == '[' ? "%.200s" : "[%.200s]", base);
	frame->function = name_string(resolver, name);
}

static bool is_anonymous(const struct mapping *mapping)
{
	return !mapping->path || strncmp(mapping->path, "[anon", strlen("[anon")) == 0;
}

/* Where the kernel puts a return address of its own, for probes at returns. */
static bool is_trampoline(const struct mapping *mapping)
{
	return mapping->path && strcmp(mapping->path, "[uprobes]") == 0;
}

/* Who waits for the frames above: an async function, or one of the functions of Promise. */
static size_t resolve_async(struct resolver *resolver, const struct nt_frame *raw,
			    struct frame *frame)
{
	char name[MAX_NAME];
	const char *of;

	if (raw->kind == NT_FRAME_CUT) {
		*frame = frame_cut;
		return 1;
	}
	*frame = (struct frame){.function = "js", .kind = FRAME_ASYNC};
	if (raw->kind == NT_FRAME_ASYNC) {
		(void)v8_frames_async(resolver->v8, raw, frame);
		return 1;
	}
	of = v8_combinator_name(resolver->config, raw->function);
	if (!of)
		return 0;
	(void)snprintf(name, sizeof(name), "%s (index %d)", of, v8_smi(raw->offset) - 1);
	frame->function = name_string(resolver, name);
	return 1;
}

/* Returns how many of max frames (at least one) it filled. */
static size_t resolve(struct resolver *resolver, const struct nt_frame *raw, bool is_return,
		      struct frame *frames, size_t max)
{
	const struct mapping *mapping;
	struct elf_symbol symbol;
	uint64_t address;

	if (raw->kind == NT_FRAME_ASYNC || raw->kind == NT_FRAME_COMBINATOR ||
	    raw->kind == NT_FRAME_CUT)
		return resolve_async(resolver, raw, frames);
	frames[0] = (struct frame){.address = raw->pc, .function = "?"};
	mapping = mapping_at(resolver, raw->pc);
	if (!mapping)
		return 1;
	if (is_trampoline(mapping))
		return 0;
	if (is_anonymous(mapping))
		return resolve_jit(resolver, raw, mapping->start, is_return, frames, max);
	if (is_our_file(resolver, mapping) &&
	    !elf_file_address_of(resolver->elf, raw->pc - mapping->start + mapping->offset,
				 &address) &&
	    !find_symbol(resolver, address, is_return, &symbol)) {
		/* Builtins inline no closure; BPF takes workers' copies of some for compiled code. */
		if (raw->kind == NT_FRAME_JS)
			resolver->dead = builtin_is_interpreter(&symbol) ? 0 : UINT64_MAX;
		return resolve_symbol(resolver, &symbol, raw, frames);
	}
	resolve_library(resolver, mapping, frames);
	return 1;
}

/* Finds out which mappings are of our file: those of the file that is mapped where its text is. */
static void identify_file(struct resolver *resolver, const struct node_layout *layout)
{
	const struct mapping *found =
		process_mapping_at(resolver->process, layout->config.text_start);

	for (size_t i = 0; !found && i < process_mapping_count(resolver->process); i++) {
		const struct mapping *mapping = process_mapping(resolver->process, i);

		if (mapping->path && strcmp(mapping->path, process_exe(resolver->process)) == 0)
			found = mapping;
	}
	if (!found)
		return;
	resolver->inode = found->inode;
	resolver->dev_major = found->dev_major;
	resolver->dev_minor = found->dev_minor;
}

int resolver_new(struct process *process, const struct elf_file *elf,
		 const struct node_layout *layout, struct stacks *stacks,
		 struct resolver **ret_resolver)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));
	struct elf_symbol symbol;
	struct v8_layout v8;

	if (!resolver)
		return -ENOMEM;
	resolver->process = process;
	resolver->elf = elf;
	resolver->config = &layout->config;
	resolver->stacks = stacks;
	if (perf_map_new(process, &resolver->perf_map) ||
	    v8_frames_new(v8_layout_read(elf, &v8) ? NULL : &v8, process_memory(process), stacks,
			  &resolver->v8)) {
		resolver_free(resolver);
		return -ENOMEM;
	}
	identify_file(resolver, layout);
	/* What takes milliseconds happens now and not while events wait. */
	(void)elf_file_symbolize(elf, layout->config.text_start, &symbol);
	(void)perf_map_refresh(resolver->perf_map);
	*ret_resolver = resolver;
	return 0;
}

void resolver_free(struct resolver *resolver)
{
	if (!resolver)
		return;
	perf_map_free(resolver->perf_map);
	v8_frames_free(resolver->v8);
	source_maps_free(resolver->source_maps);
	free(resolver);
}

int resolver_use_source_maps(struct resolver *resolver)
{
	int err;

	if (resolver->source_maps)
		return 0;
	err = source_maps_new(resolver->process, resolver->stacks, &resolver->source_maps);
	if (!err)
		v8_frames_use_maps(resolver->v8, resolver->source_maps);
	return err;
}

void resolver_set_clock(struct resolver *resolver, const struct heap_clock *clock)
{
	v8_frames_set_clock(resolver->v8, clock);
}

/* Of JavaScript that a sample hit the address is like a return address. */
static bool is_sampled_js(const struct nt_frame *leaf)
{
	return leaf->sampled && leaf->kind == NT_FRAME_JS;
}

/* ret_dead: of each raw frame, ret_n of them. */
static size_t resolve_all(struct resolver *resolver, const struct raw_stack *raw,
			  struct frame resolved[RESOLVER_MAX_FRAMES],
			  uint64_t ret_dead[NT_STACK_MAX_LOGICAL], size_t *ret_n)
{
	size_t count = 0;
	size_t i;

	resolver->is_sample = raw->n && raw->frames[0].sampled;
	for (i = 0; i < raw->n && i < NT_STACK_MAX_LOGICAL && count < RESOLVER_MAX_FRAMES; i++) {
		resolver->dead = 0;
		count += resolve(resolver, &raw->frames[i], i || is_sampled_js(&raw->frames[0]),
				 &resolved[count], RESOLVER_MAX_FRAMES - count);
		ret_dead[i] = resolver->dead;
	}
	*ret_n = i;
	/* A sample may hit any instruction: a stack for each would have no end. */
	if (count && resolver->is_sample && raw->frames[0].kind != NT_FRAME_JS)
		resolved[0].address = 0;
	/* Those that were inlined made them too many. */
	if (i < raw->n && count)
		resolved[count - 1] = frame_cut;
	return count;
}

const struct stack *resolver_add(struct resolver *resolver, const struct raw_stack *raw)
{
	const struct stack *known = stacks_find(resolver->stacks, raw->id);
	struct frame resolved[RESOLVER_MAX_FRAMES];
	uint64_t dead[NT_STACK_MAX_LOGICAL];
	size_t count, n;

	if (known)
		return known;
	resolver->maps_refreshed = false;
	/* Code may have moved to where other code was, so first learn what is new. */
	if (perf_map_in_use(resolver->perf_map) || resolver->added % RETRY_EVERY == 0)
		(void)perf_map_refresh(resolver->perf_map);
	resolver->added++;
	do {
		v8_frames_begin(resolver->v8, raw->tid, raw->moves);
		count = resolve_all(resolver, raw, resolved, dead, &n);
	} while (!v8_frames_end(resolver->v8));
	for (size_t i = 0; i < n; i++)
		spills_put(&resolver->spills, raw->id, (uint32_t)i, dead[i]);
	if (resolver->source_maps)
		source_maps_translate(resolver->source_maps, resolved, count);
	return stacks_add(resolver->stacks, raw->id, resolved, count);
}

const struct spills *resolver_spills(const struct resolver *resolver)
{
	return &resolver->spills;
}

bool resolver_has_perf_map(const struct resolver *resolver)
{
	return perf_map_in_use(resolver->perf_map);
}

void resolver_heap_state(const struct resolver *resolver, struct resolver_heap *ret_heap)
{
	ret_heap->state = v8_frames_state(resolver->v8);
	v8_frames_counts(resolver->v8, &ret_heap->counts);
	ret_heap->compared = resolver->compared;
	ret_heap->differed = resolver->differed;
	ret_heap->perf_entries = perf_map_count(resolver->perf_map);
	ret_heap->perf_dropped = perf_map_dropped(resolver->perf_map);
}

void resolver_source_maps(const struct resolver *resolver, struct source_map_counts *ret_counts)
{
	*ret_counts = (struct source_map_counts){0};
	if (resolver->source_maps)
		source_maps_counts(resolver->source_maps, ret_counts);
}
