/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/output_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "symbolizer/base.h"
#include "user/log.h"
#include "user/signals.h"
#include "user/units.h"

/* What sudo says about its caller, or -1. Believed only by root, who may give files away. */
static int64_t sudo_id(const char *name)
{
	const char *text = getenv(name);
	uint64_t id;

	if (geteuid() != 0 || !text || units_number(text, 0, INT32_MAX, &id))
		return -1;
	return (int64_t)id;
}

bool output_file_sudo_caller(uid_t *ret_uid, gid_t *ret_gid)
{
	int64_t uid = sudo_id("SUDO_UID"), gid = sudo_id("SUDO_GID");

	if (uid <= 0 || gid < 0)
		return false;
	*ret_uid = (uid_t)uid;
	*ret_gid = (gid_t)gid;
	return true;
}

static int create(const char *path, int *ret_fd)
{
	uid_t uid;
	gid_t gid;
	int fd, err;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (output_file_sudo_caller(&uid, &gid) && fchown(fd, uid, gid)) {
		err = -errno;
		(void)close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}

/* Whether we may write to such a thing. */
static int may_write(const struct stat *st)
{
	if (S_ISFIFO(st->st_mode) || S_ISCHR(st->st_mode))
		return 0;
	if (S_ISLNK(st->st_mode))
		return -ELOOP;
	if (!S_ISREG(st->st_mode))
		return -EINVAL;
	if (st->st_uid != geteuid() && (int64_t)st->st_uid != sudo_id("SUDO_UID"))
		return -EPERM;
	return 0;
}

/* Whether we may write to what stands there; regular files are emptied. */
static int claim(int fd)
{
	struct stat st;
	int err;

	if (fstat(fd, &st))
		return -errno;
	err = may_write(&st);
	if (err || !S_ISREG(st.st_mode))
		return err;
	return ftruncate(fd, 0) ? -errno : 0;
}

/*
 * A FIFO without a reader: a plain open() would wait for one, and Ctrl-C would not end that wait, as
 * our signals are blocked.
 */
static int open_read_fifo(const char *path)
{
	static const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
	bool told = false;
	int fd;

	for (;;) {
		fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd >= 0 || errno != ENXIO)
			return fd < 0 ? -errno : fd;
		if (signals_end_pending())
			return -EINTR;
		if (!told)
			log_info("waiting for a reader of '%s', Ctrl-C ends", path);
		told = true;
		(void)nanosleep(&pause, NULL);
	}
}

static int open_there(const char *path, int *ret_fd)
{
	int fd = open_read_fifo(path), flags;

	if (fd < 0)
		return fd;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK)) {
		flags = -errno;
		(void)close(fd);
		return flags;
	}
	*ret_fd = fd;
	return 0;
}

static int overwrite(const char *path, int *ret_fd)
{
	int fd = -1, err;

	err = open_there(path, &fd);
	if (err)
		return err;
	err = claim(fd);
	if (err) {
		(void)close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}

static bool is_stdout(const char *path)
{
	return !path || strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0;
}

/* Whether a new file can be made where the path leads. */
static int check_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) + 1 : 0;
	char *folder = len ? strndup(path, len) : strdup(".");
	int err = 0;

	if (!folder)
		return -ENOMEM;
	if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS))
		err = -errno;
	free(folder);
	return err;
}

int output_file_check(const char *path)
{
	struct stat st;

	if (is_stdout(path))
		return 0;
	if (lstat(path, &st) == 0)
		return may_write(&st);
	return errno == ENOENT ? check_folder(path) : -errno;
}

static int open_fd(const char *path, int *ret_fd)
{
	int fd, err;

	if (is_stdout(path)) {
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			return -errno;
		*ret_fd = fd;
		return 0;
	}
	err = create(path, ret_fd);
	return err == -EEXIST ? overwrite(path, ret_fd) : err;
}

/* Takes the descriptor over. */
static int wrap(int fd, FILE **ret_file)
{
	FILE *file = fdopen(fd, "w");
	int err = -errno;

	if (!file) {
		(void)close(fd);
		return err;
	}
	*ret_file = file;
	return 0;
}

int output_file_open(const char *path, FILE **ret_file)
{
	int fd = -1;
	int err = open_fd(path, &fd);

	return err ? err : wrap(fd, ret_file);
}

int output_file_create(const char *path, FILE **ret_file)
{
	int fd = -1;
	int err = create(path, &fd);

	return err ? err : wrap(fd, ret_file);
}

const char *output_file_error(int err)
{
	switch (err) {
	case -ELOOP:
		return "it is a symbolic link; name the file itself";
	case -EPERM:
		return "it belongs to another user; choose another name";
	case -EINVAL:
	case -EISDIR:
		return "it is not a file";
	case -EINTR:
		return "nobody reads it";
	default:
		return strerror(-err);
	}
}

bool output_file_expected(const char *path)
{
	int err = output_file_check(path);

	if (err)
		log_err(0, "cannot write to '%s': %s", path, output_file_error(err));
	return !err;
}
