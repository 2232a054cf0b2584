/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/loop_handles.h"

#include "symbolizer/base.h"
#include "symbolizer/layout_table.h"

/* node's own handles come first; a server's connections may follow by the thousand. */
enum {
	MAX_HANDLES = 1024
};

int loop_handles_visit(const struct memory *memory, uint64_t loop,
		       int (*visit)(void *user, const struct loop_handle *handle), void *user)
{
	uint64_t head = loop + layout_walk.loop_handles;
	struct loop_handle handle;
	uint64_t link;
	int stop;

	if (memory_read_u64(memory, head, &link))
		return -EFAULT;
	for (int i = 0; i < MAX_HANDLES && link != head; i++) {
		handle.address = link - layout_walk.handle_link;
		if (memory_read(memory, handle.address + layout_walk.handle_type, &handle.type,
				sizeof(handle.type)))
			return -EFAULT;
		stop = visit(user, &handle);
		if (stop)
			return stop;
		if (memory_read_u64(memory, link, &link))
			return -EFAULT;
	}
	return 0;
}
