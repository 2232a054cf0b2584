/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/layout.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/layout_steps.h"
#include "symbolizer/layout_table.h"

/* Where a field of struct nt_config is. */
struct field {
	const char *name;
	size_t offset;
	size_t size;
};

static const struct field fields[] = {
#define LAYOUT_FIELD_ROW(f)                                            \
	[LAYOUT_FIELD_##f] = {.name = #f,                              \
			      .offset = offsetof(struct nt_config, f), \
			      .size = sizeof(((struct nt_config *)NULL)->f)},
	LAYOUT_FIELDS(LAYOUT_FIELD_ROW)
#undef LAYOUT_FIELD_ROW
};

static const char *const origin_names[] = {
	[LAYOUT_ABSENT] = "absent",
	[LAYOUT_SYMBOL] = "symbol",
	[LAYOUT_DERIVED] = "derived",
	[LAYOUT_TABLE] = "table",
};

/* Without these there is no async id to follow, so nothing can be shown at all. */
static const enum layout_field required[] = {
	LAYOUT_FIELD_wrap_async_id, LAYOUT_FIELD_wrap_size,      LAYOUT_FIELD_wrap_realm,
	LAYOUT_FIELD_realm_env,     LAYOUT_FIELD_scope_closed,   LAYOUT_FIELD_scope_context_in_r8,
	LAYOUT_FIELD_llhttp_type,   LAYOUT_FIELD_llhttp_status,  LAYOUT_FIELD_string_length,
	LAYOUT_FIELD_string_chars,  LAYOUT_FIELD_builtins_start,
};

__attribute__((format(printf, 4, 5))) static int refuse(int err, char *why, size_t why_len,
							const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(why, why_len, format, arguments);
	va_end(arguments);
	return err;
}

/* What the file alone tells, before anything is asked of the process. */
static int check_file(const struct elf_file *elf, char *why, size_t why_len)
{
	struct elf_symbol symbol;

	if (elf_file_find(elf, "_ZTVN4node11EnvironmentE", &symbol) &&
	    elf_file_find(elf, "_ZN4node5StartEiPPc", &symbol))
		return refuse(-ENOENT, why, why_len, "this is no Node.js binary");
	/* Of a stripped binary they were found in V8's own tables, or not. */
	if (elf_file_find(elf, "Builtins_RunMicrotasks", &symbol))
		return refuse(-EOPNOTSUPP, why, why_len,
			      "the binary is stripped, and V8's builtins (Builtins_RunMicrotasks)"
			      " cannot be found in what is left: it needs a symbol table (.symtab),"
			      " as in the official builds");
	return 0;
}

static int read_release(const struct memory *memory, const struct elf_file *elf,
			struct node_layout *layout, char *why, size_t why_len)
{
	struct node_release release = {0};
	int err;

	err = node_release_read_v8(elf, &release);
	if (err)
		return refuse(-EOPNOTSUPP, why, why_len, "cannot tell the version of V8");
	err = node_release_read_node(memory, elf, layout->load_bias, &release);
	/* Constructors fill it before main(): until then it is null, or not even in memory. */
	if (err == -EFAULT)
		return refuse(-EAGAIN, why, why_len, "node has not set itself up yet");
	if (err == -EPERM || err == -ESRCH)
		return refuse(err, why, why_len, "cannot read the memory of the process");
	if (err)
		return refuse(-EOPNOTSUPP, why, why_len, "cannot tell the version of Node.js");
	if (!layout_table_knows(&release))
		return refuse(-EOPNOTSUPP, why, why_len,
			      "Node.js %s with V8 %s is not known; known are %s", release.node,
			      release.v8, layout_table_majors);
	(void)snprintf(layout->node_version, sizeof(layout->node_version), "%s", release.node);
	(void)snprintf(layout->v8_version, sizeof(layout->v8_version), "%s", release.v8);
	layout->node_major = release.node_major;
	return 0;
}

static int check_required(const struct node_layout *layout, char *why, size_t why_len)
{
	for (size_t i = 0; i < ARRAY_SIZE(required); i++) {
		if (layout->origin[required[i]] == LAYOUT_ABSENT)
			return refuse(-EOPNOTSUPP, why, why_len,
				      "cannot find '%s' in this build of Node.js %s",
				      fields[required[i]].name, layout->node_version);
	}
	return 0;
}

static int find_environment(const struct memory *memory, const struct elf_file *elf,
			    struct node_layout *layout, char *why, size_t why_len)
{
	int err;

	err = layout_find_env(memory, elf, layout);
	if (err)
		return refuse(err == -ENOENT ? -EAGAIN : err, why, why_len,
			      err == -ENOENT ? "node's environment is not there yet"
					     : "cannot find node's environment in this build");
	err = layout_find_buffers(memory, layout);
	if (err)
		return refuse(err, why, why_len, "cannot find the async ids in node's environment");
	layout_check_exits(memory, layout);
	layout_find_ticks(memory, layout);
	layout_find_timers(memory, layout);
	return 0;
}

void layout_read_file(const struct elf_file *elf, struct node_layout *layout)
{
	layout_table_fill(layout);
	layout_read_constants(elf, layout);
	layout_read_code(elf, layout);
	layout_read_async(elf, layout);
	layout_read_exits(elf, layout);
}

static int discover(struct process *process, const struct elf_file *elf, struct node_layout *layout,
		    char *why, size_t why_len)
{
	const struct memory *memory = process_memory(process);
	const char *sentence = "";
	int err;

	err = check_file(elf, why, why_len);
	if (err)
		return err;
	err = process_refresh_maps(process);
	if (err)
		return refuse(err, why, why_len, "cannot read the memory map of the process");
	err = layout_find_text(process, elf, layout, &sentence);
	if (err)
		return refuse(err, why, why_len, "%s", sentence);
	err = read_release(memory, elf, layout, why, why_len);
	if (err)
		return err;
	layout_read_file(elf, layout);
	err = check_required(layout, why, why_len);
	if (err)
		return err;
	err = find_environment(memory, elf, layout, why, why_len);
	if (err)
		return err;
	if (layout_check_handles(memory, elf, layout))
		return refuse(-EOPNOTSUPP, why, why_len,
			      "the sockets of this build are not laid out as expected");
	return 0;
}

int layout_discover(struct process *process, const struct elf_file *elf,
		    struct node_layout *ret_layout, char *why, size_t why_len)
{
	struct node_layout layout = {0};
	int err;

	err = discover(process, elf, &layout, why, why_len);
	if (err)
		return err;
	*ret_layout = layout;
	return 0;
}

void layout_survey(const struct process *process, const struct elf_file *elf,
		   struct node_layout *ret_layout)
{
	struct node_layout layout = {0};
	struct node_release release = {0};
	const char *why = "";

	(void)layout_find_text(process, elf, &layout, &why);
	if (!node_release_read_v8(elf, &release))
		(void)snprintf(layout.v8_version, sizeof(layout.v8_version), "%s", release.v8);
	if (!node_release_read_node(process_memory(process), elf, layout.load_bias, &release))
		(void)snprintf(layout.node_version, sizeof(layout.node_version), "%s",
			       release.node);
	if (layout_table_knows(&release))
		layout.node_major = release.node_major;
	layout_read_file(elf, &layout);
	*ret_layout = layout;
}

void layout_set(struct node_layout *layout, enum layout_field field, uint64_t value,
		enum layout_origin origin)
{
	char *at = (char *)&layout->config + fields[field].offset;
	uint32_t narrow = (uint32_t)value;

	assert(fields[field].size == sizeof(value) || value <= UINT32_MAX);
	if (fields[field].size == sizeof(value))
		memcpy(at, &value, sizeof(value));
	else
		memcpy(at, &narrow, sizeof(narrow));
	layout->origin[field] = (uint8_t)origin;
}

uint64_t layout_value(const struct node_layout *layout, enum layout_field field)
{
	const char *at = (const char *)&layout->config + fields[field].offset;
	uint64_t value;
	uint32_t narrow;

	if (fields[field].size == sizeof(value)) {
		memcpy(&value, at, sizeof(value));
		return value;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return narrow;
}

const char *layout_field_name(enum layout_field field)
{
	return field < LAYOUT_FIELD_COUNT ? fields[field].name : "?";
}

const char *layout_origin_name(enum layout_origin origin)
{
	return origin < ARRAY_SIZE(origin_names) ? origin_names[origin] : "?";
}
