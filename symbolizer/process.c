/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/process.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "symbolizer/base.h"
#include "symbolizer/command_line.h"
#include "symbolizer/maps.h"

struct process {
	pid_t pid;
	pid_t namespace_pid;
	uid_t uid;
	int dir;   /* /proc/PID; stays with this process when the pid is reused */
	int pidfd; /* -1: the kernel has none */
	uint64_t start_time;
	char *exe;
	char *script;
	struct maps maps;
	struct memory memory;
};

enum {
	MAX_STATUS = 16 << 10,
	MAX_COMMAND_LINE = 64 << 10,
};

/* Reads a small file of /proc/PID into buf and ends it with a NUL byte. */
static int read_file(const struct process *process, const char *name, char *buf, size_t size,
		     size_t *ret_len)
{
	_cleanup_(closep) int fd = -1;
	size_t len = 0;

	fd = openat(process->dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	while (len < size - 1) {
		ssize_t n = read(fd, buf + len, size - 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += n;
	}
	buf[len] = '\0';
	*ret_len = len;
	return 0;
}

/* State letter and start time, the 3rd and 22nd field. The 2nd may hold anything, up to the last
 * parenthesis. */
static int read_stat(const struct process *process, char *ret_state, uint64_t *ret_start_time)
{
	char buf[4096];
	const char *at;
	char state;
	size_t len;
	int err;

	err = read_file(process, "stat", buf, sizeof(buf), &len);
	if (err)
		return err;
	at = strrchr(buf, ')');
	if (!at || at[1] != ' ' || !at[2])
		return -EBADMSG;
	state = at[2];
	at += 2;
	for (int field = 3; at && field < 22; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	if (!at || !isdigit((unsigned char)*at))
		return -EBADMSG;
	*ret_start_time = strtoull(at, NULL, 10);
	*ret_state = state;
	return 0;
}

/* The text after "\nname:" in a status file, or NULL. */
static const char *status_field(const char *status, const char *name)
{
	const char *line = strstr(status, name);

	return line ? line + strlen(name) : NULL;
}

/* The last of the numbers of a line. */
static long last_number(const char *text, long fallback)
{
	long value = fallback;

	while (*text && *text != '\n') {
		char *end;
		long number = strtol(text, &end, 10);

		if (end == text)
			break;
		value = number;
		text = end;
		while (*text == ' ' || *text == '\t')
			text++;
	}
	return value;
}

static int load_status(struct process *process)
{
	_cleanup_(freep) char *buf = malloc(MAX_STATUS);
	const char *field;
	size_t len;
	int err;

	if (!buf)
		return -ENOMEM;
	err = read_file(process, "status", buf, MAX_STATUS, &len);
	if (err)
		return err;
	field = status_field(buf, "\nTgid:");
	if (!field || last_number(field, 0) != process->pid)
		return -ESRCH;
	field = status_field(buf, "\nNSpid:");
	process->namespace_pid = field ? (pid_t)last_number(field, process->pid) : process->pid;
	field = status_field(buf, "\nUid:");
	if (!field)
		return -EBADMSG;
	process->uid = (uid_t)strtoul(field, NULL, 10);
	return 0;
}

static int load_exe(struct process *process)
{
	char path[PATH_MAX];
	ssize_t len = readlinkat(process->dir, "exe", path, sizeof(path));

	process->exe = strndup(path, len < 0 ? 0 : (size_t)len);
	return process->exe ? 0 : -ENOMEM;
}

static int load_script(struct process *process)
{
	_cleanup_(freep) char *buf = malloc(MAX_COMMAND_LINE);
	size_t len;
	int err;

	if (!buf)
		return -ENOMEM;
	err = read_file(process, "cmdline", buf, MAX_COMMAND_LINE, &len);
	if (err)
		return err;
	process->script = strdup(command_line_script(buf, len));
	return process->script ? 0 : -ENOMEM;
}

static int memory_read_process(void *user, uint64_t address, void *buf, size_t len)
{
	const struct process *process = user;
	struct iovec local = {.iov_base = buf, .iov_len = len};
	struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = len};
	ssize_t n;

	n = process_vm_readv(process->pid, &local, 1, &remote, 1, 0);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EFAULT;
}

static int open_directory(pid_t pid, int *ret_dir)
{
	char path[32];
	int dir;

	if (pid <= 0)
		return -ESRCH;
	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	*ret_dir = dir;
	return 0;
}

static int load(struct process *process)
{
	char state;
	int err;

	err = open_directory(process->pid, &process->dir);
	if (err)
		return err;
	process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (process->pidfd < 0 && errno == ESRCH)
		return -ESRCH;
	err = read_stat(process, &state, &process->start_time);
	if (err)
		return err;
	if (state == 'Z' || state == 'X')
		return -ESRCH;
	err = load_status(process);
	if (err)
		return err;
	err = load_exe(process);
	if (err)
		return err;
	err = load_script(process);
	if (err)
		return err;
	return process_refresh_maps(process);
}

int process_open(pid_t pid, struct process **ret_process)
{
	struct process *process;
	int err;

	process = calloc(1, sizeof(*process));
	if (!process)
		return -ENOMEM;
	process->pid = pid;
	process->dir = -1;
	process->pidfd = -1;
	process->memory.read = memory_read_process;
	process->memory.user = process;
	err = load(process);
	if (err) {
		process_close(process);
		return err;
	}
	*ret_process = process;
	return 0;
}

void process_close(struct process *process)
{
	if (!process)
		return;
	maps_done(&process->maps);
	free(process->exe);
	free(process->script);
	closep(&process->pidfd);
	closep(&process->dir);
	free(process);
}

pid_t process_pid(const struct process *process)
{
	return process->pid;
}

pid_t process_namespace_pid(const struct process *process)
{
	return process->namespace_pid;
}

uid_t process_uid(const struct process *process)
{
	return process->uid;
}

/* Seconds of the system's start. */
static int read_boot_time(uint64_t *ret_seconds)
{
	_cleanup_(fclosep) FILE *file = fopen("/proc/stat", "re");
	static const char name[] = "btime ";
	_cleanup_(freep) char *line = NULL;
	size_t size = 0;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0)
		if (strncmp(line, name, strlen(name)) == 0) {
			*ret_seconds = strtoull(line + strlen(name), NULL, 10);
			return 0;
		}
	return -ENOENT;
}

uint64_t process_started_boot_ns(const struct process *process)
{
	long ticks = sysconf(_SC_CLK_TCK);

	return ticks > 0 ? process->start_time * (NS_PER_SEC / (uint64_t)ticks) : 0;
}

int process_started_unix_ns(const struct process *process, uint64_t *ret_ns)
{
	uint64_t seconds = 0;
	int err;

	err = read_boot_time(&seconds);
	if (!err)
		*ret_ns = seconds * NS_PER_SEC + process_started_boot_ns(process);
	return err;
}

int process_open_root(const struct process *process)
{
	int fd = openat(process->dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int process_pidfd(const struct process *process)
{
	return process->pidfd;
}

bool process_alive(const struct process *process)
{
	struct pollfd wait = {.fd = process->pidfd, .events = POLLIN};
	uint64_t start_time;
	char state;

	if (process->pidfd >= 0)
		return poll(&wait, 1, 0) == 0;
	if (read_stat(process, &state, &start_time))
		return false;
	return state != 'Z' && state != 'X' && start_time == process->start_time;
}

const char *process_exe(const struct process *process)
{
	return process->exe;
}

const char *process_script(const struct process *process)
{
	return process->script;
}

int process_refresh_maps(struct process *process)
{
	_cleanup_(fclosep) FILE *file = NULL;
	struct maps fresh;
	int err;
	int fd;

	fd = openat(process->dir, "maps", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	file = fdopen(fd, "re");
	if (!file) {
		err = -errno;
		closep(&fd);
		return err;
	}
	err = maps_read(file, &fresh);
	if (err)
		return err;
	maps_done(&process->maps);
	process->maps = fresh;
	return 0;
}

size_t process_mapping_count(const struct process *process)
{
	return process->maps.count;
}

const struct mapping *process_mapping(const struct process *process, size_t index)
{
	return index < process->maps.count ? &process->maps.items[index] : NULL;
}

const struct mapping *process_mapping_at(const struct process *process, uint64_t address)
{
	return maps_find(&process->maps, address);
}

static bool names_same_file(const char *path, const struct mapping *mapping)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_ino == mapping->inode;
}

/*
 * map_files names exactly the mapped file, whatever happened to its path since, but takes privilege
 * to follow; exe is as good for the main binary. The path is the last resort: the target may
 * have put another file there, which its build id would tell.
 */
int process_open_path(const struct process *process, const struct mapping *mapping, char *buf,
		      size_t len)
{
	char path[PATH_MAX + 64];
	int n;

	if (!mapping->inode || !mapping->path)
		return -ENOENT;
	n = snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx", (int)process->pid,
		     (unsigned long long)mapping->start, (unsigned long long)mapping->end);
	if (!names_same_file(path, mapping)) {
		n = snprintf(path, sizeof(path), "/proc/%d/exe", (int)process->pid);
		if (!names_same_file(path, mapping))
			n = snprintf(path, sizeof(path), "/proc/%d/root%s", (int)process->pid,
				     mapping->path);
	}
	if (n < 0 || (size_t)n >= sizeof(path) || (size_t)n >= len)
		return -ENAMETOOLONG;
	memcpy(buf, path, (size_t)n + 1);
	return 0;
}

const struct memory *process_memory(const struct process *process)
{
	return &process->memory;
}
