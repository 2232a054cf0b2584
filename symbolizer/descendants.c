/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/descendants.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "symbolizer/base.h"

struct found {
	pid_t *pids; /* roots first, then what was found below them */
	size_t n;
	size_t max;
};

static void add(struct found *found, pid_t pid)
{
	for (size_t i = 0; i < found->n; i++)
		if (found->pids[i] == pid)
			return;
	if (found->n < found->max)
		found->pids[found->n++] = pid;
}

/* /proc/PID/task/TID/children: numbers and blanks. */
static void add_children_of_thread(struct found *found, const char *path)
{
	_cleanup_(fclosep) FILE *file = fopen(path, "re");
	_cleanup_(freep) char *line = NULL;
	size_t size = 0;
	char *at, *end;

	if (!file || getline(&line, &size, file) < 0)
		return;
	for (at = line; isdigit((unsigned char)*at); at = end + strspn(end, " ")) {
		long pid = strtol(at, &end, 10);

		if (pid > 0 && pid <= INT32_MAX)
			add(found, (pid_t)pid);
	}
}

static void add_children(struct found *found, pid_t pid)
{
	struct dirent *entry;
	char path[64 + NAME_MAX];
	DIR *tasks;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	if (!tasks)
		return;
	while ((entry = readdir(tasks))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%d/task/%s/children", pid, entry->d_name);
		add_children_of_thread(found, path);
	}
	(void)closedir(tasks);
}

size_t descendants_find(const pid_t *roots, size_t n, pid_t *pids, size_t max)
{
	struct found found = {.max = max + n};
	size_t count = 0;

	found.pids = calloc(max + n + 1, sizeof(*found.pids));
	if (!found.pids)
		return 0;
	for (size_t i = 0; i < n; i++)
		add(&found, roots[i]);
	n = found.n;
	for (size_t i = 0; i < found.n; i++)
		add_children(&found, found.pids[i]);
	for (size_t i = n; i < found.n && count < max; i++)
		pids[count++] = found.pids[i];
	free(found.pids);
	return count;
}

bool descendants_program(pid_t pid, uint64_t *ret_inode)
{
	char path[64];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	if (stat(path, &st))
		return false;
	*ret_inode = st.st_ino;
	return true;
}

bool descendants_is_node(pid_t pid)
{
	char exe[64], target[PATH_MAX];
	const char *base;
	ssize_t len;

	(void)snprintf(exe, sizeof(exe), "/proc/%d/exe", pid);
	len = readlink(exe, target, sizeof(target) - 1);
	if (len < 0)
		return false;
	target[len] = '\0';
	base = strrchr(target, '/');
	base = base ? base + 1 : target;
	return strncmp(base, "node", strlen("node")) == 0;
}
