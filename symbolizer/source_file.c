/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/source_file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "symbolizer/base.h"
#include "symbolizer/process.h"

/* The process's start is known to a second only: to the tick, but since a boot in whole seconds. */
#define START_SLACK_NS (2 * NS_PER_SEC)

static bool may_read(const struct process *process, const struct stat *st)
{
	if (st->st_uid == process_uid(process))
		return st->st_mode & S_IRUSR;
	return st->st_mode & S_IROTH;
}

static int check(const struct process *process, int fd, size_t max, struct source_file_id *ret_id)
{
	struct source_file_id id;
	uint64_t started_ns;
	struct stat st;
	int err;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || !may_read(process, &st))
		return -EPERM;
	if (st.st_size < 0 || (uint64_t)st.st_size > max)
		return -EFBIG;
	id = (struct source_file_id){
		.device = st.st_dev,
		.inode = st.st_ino,
		.size = (uint64_t)st.st_size,
		.changed_ns =
			(uint64_t)st.st_ctim.tv_sec * NS_PER_SEC + (uint64_t)st.st_ctim.tv_nsec,
	};
	err = process_started_unix_ns(process, &started_ns);
	if (err)
		return err;
	if (id.changed_ns > started_ns + START_SLACK_NS)
		return -ESTALE;
	*ret_id = id;
	return 0;
}

int source_file_open(const struct process *process, const char *path, size_t max,
		     struct source_file_id *ret_id)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	_cleanup_(closep) int root = process_open_root(process);
	_cleanup_(closep) int found = -1;
	char self[64];
	int err;
	int fd;

	if (root < 0)
		return root;
	found = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	if (found < 0)
		return -errno;
	err = check(process, found, max, ret_id);
	if (err)
		return err;
	/* Only now: even to open a device or a pipe can do something to it. */
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", found);
	fd = open(self, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

int source_file_read(int fd, const struct source_file_id *id, char **ret_text, size_t *ret_len)
{
	char *text = malloc(id->size + 1);
	size_t len = 0;
	ssize_t n = 1;

	if (!text)
		return -ENOMEM;
	while (len < id->size && n > 0) {
		n = read(fd, text + len, id->size - len);
		if (n > 0)
			len += (size_t)n;
	}
	if (n < 0 || len < id->size) {
		int err = n < 0 ? -errno : -EBADMSG;

		free(text);
		return err;
	}
	text[len] = '\0';
	*ret_text = text;
	*ret_len = len;
	return 0;
}
