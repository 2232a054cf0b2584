/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * A file beside the target's own code, read as the target would read it.
 *
 * Who names the file is the target, and the reader has more rights than it: so the path is followed in
 * the target's own root only (links and ".." included), only regular files are opened, only those
 * that the target's user owns or that everybody may read, up to a size; and never one that changed
 * after the target started, since that one tells of other code than the code that runs.
 */
#ifndef NT_SYMBOLIZER_SOURCE_FILE_H
#define NT_SYMBOLIZER_SOURCE_FILE_H

#include <stddef.h>
#include <stdint.h>

struct process;

/* Which file this is: the same numbers, the same content. */
struct source_file_id {
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	uint64_t changed_ns;
};

/*
 * Opens a file of the target. Returns a descriptor that the caller closes and its identity, -EPERM
 * when it must not be read, -EFBIG when it is larger than max, -ESTALE when it is newer than the
 * process, or a negative errno.
 */
int source_file_open(const struct process *process, const char *path, size_t max,
		     struct source_file_id *ret_id);

/* Reads all of an open file into a buffer for free(). Returns 0, -EBADMSG when it is shorter than
 * it was, -ENOMEM or a negative errno. */
int source_file_read(int fd, const struct source_file_id *id, char **ret_text, size_t *ret_len);

#endif
