/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The steps of layout_discover(), in the order of trust. Private to the layout_*.c files and their
 * tests. Every step fills what it can tell and leaves the rest absent.
 */
#ifndef NT_SYMBOLIZER_LAYOUT_STEPS_H
#define NT_SYMBOLIZER_LAYOUT_STEPS_H

#include "symbolizer/layout.h"

/* Sets one field and where it came from. */
void layout_set(struct node_layout *layout, enum layout_field field, uint64_t value,
		enum layout_origin origin);

/* layout.c: all that the file tells about a release, least trusted first: table, constants, code.
 * Needs node_major and load_bias. */
void layout_read_file(const struct elf_file *elf, struct node_layout *layout);

/* layout_constants.c: v8dbg_* and other constants of the binary. */
void layout_read_constants(const struct elf_file *elf, struct node_layout *layout);

/* layout_code.c: what the machine code and the names of node's and V8's functions tell. */
void layout_read_code(const struct elf_file *elf, struct node_layout *layout);

/* layout_async.c: what leads from a microtask to those who wait. Needs microtask_register. */
void layout_read_async(const struct elf_file *elf, struct node_layout *layout);

/* layout_exits.c: where the isolate keeps how JavaScript was left. */
void layout_read_exits(const struct elf_file *elf, struct node_layout *layout);
/* The same from the code of the functions of these names: one that enters JavaScript, and a stub that
 * makes quick calls. Leaves absent what they do not agree on. */
void layout_find_exits(const struct elf_file *elf, const char *entry, const char *stub,
		       struct node_layout *layout);
/* Is there what may be there, in the live process? Else they are absent. Needs env_isolate. */
void layout_check_exits(const struct memory *memory, struct node_layout *layout);

/*
 * layout_text.c: load bias, range of node's text and of the builtins. Returns 0, -ENOENT when the
 * file is not mapped, -EOPNOTSUPP when the text was copied to large pages, where no probe would be
 * hit.
 */
int layout_find_text(const struct process *process, const struct elf_file *elf,
		     struct node_layout *layout, const char **ret_why);

/*
 * layout_env.c: the main thread's Environment, then its buffers. Return 0, -ENOENT when there is
 * none (yet), -EOPNOTSUPP when it does not look as expected, -EFAULT.
 */
int layout_find_env(const struct memory *memory, const struct elf_file *elf,
		    struct node_layout *layout);
int layout_find_buffers(const struct memory *memory, struct node_layout *layout);

/*
 * The first `len` bytes of an object of unknown size, or as many as can be read: the heap may end
 * soon after it. Returns their number, 0 when there are none.
 */
size_t layout_read_object(const struct memory *memory, uint64_t address, void *buf, size_t len);

/* layout_ticks.c: the queue of ticks; leaves tick_slot absent where it is not found. Needs main_env. */
void layout_find_ticks(const struct memory *memory, struct node_layout *layout);

/* layout_timers.c: the queue of the lists of timers; leaves timer_slot absent where it is not found. Needs
 * main_env and what layout_find_ticks() fills. */
void layout_find_timers(const struct memory *memory, struct node_layout *layout);

/* layout_handles.c: tries the offsets of AsyncWrap on the servers and sockets of the main loop.
 * Returns 0, also when there are none, or -EOPNOTSUPP. */
int layout_check_handles(const struct memory *memory, const struct elf_file *elf,
			 const struct node_layout *layout);

/* The isolate that the Environment's buffers belong to; set by layout_find_buffers(). */
int layout_isolate(const struct memory *memory, const struct node_layout *layout,
		   uint64_t *ret_isolate);

#endif
