/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/config_file.h"

#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

#include "symbolizer/base.h"
#include "tui/setup.h"
#include "user/output_file.h"

#define FOLDER    "ntrace-bpf"
#define NAME      "config"
#define TEMPORARY "config.new"

/* Whose file it is. */
struct user {
	uid_t uid;
	gid_t gid;
	char base[PATH_MAX]; /* the folder of all configuration files */
	bool borrowed;       /* not ours: we act with its rights meanwhile */
};

static int base_of(const char *base, const char *more, char *path)
{
	int n = snprintf(path, PATH_MAX, "%s%s", base, more);

	/* Relative paths would depend on where we were started. */
	return n > 0 && n < PATH_MAX && path[0] == '/' ? 0 : -ENOENT;
}

/* The home as the system knows it. Only this thread asks. */
static int base_of_uid(uid_t uid, char *path)
{
	const struct passwd *entry = getpwuid(uid); /* NOLINT(concurrency-mt-unsafe) */

	return entry && entry->pw_dir ? base_of(entry->pw_dir, "/.config", path) : -ENOENT;
}

static int find_user(struct user *user)
{
	/* NULL where the program has more rights than its caller. */
	const char *xdg = secure_getenv("XDG_CONFIG_HOME");
	const char *home = secure_getenv("HOME");

	*user = (struct user){.uid = geteuid(), .gid = getegid()};
	if (output_file_sudo_caller(&user->uid, &user->gid)) {
		user->borrowed = true;
		return base_of_uid(user->uid, user->base);
	}
	if (xdg && *xdg)
		return base_of(xdg, "", user->base);
	if (home && *home)
		return base_of(home, "/.config", user->base);
	return base_of_uid(user->uid, user->base);
}

/* With these rights the kernel refuses what the user may not do. Of this thread only. */
static void become(const struct user *user)
{
	if (!user->borrowed)
		return;
	(void)setfsgid(user->gid);
	(void)setfsuid(user->uid);
}

static void return_from(const struct user *user)
{
	if (!user->borrowed)
		return;
	(void)setfsuid(geteuid());
	(void)setfsgid(getegid());
}

/* Our folder, made when it is not there. Links are not followed: the folder is where it seems to be. */
static int open_folder(const struct user *user, bool make, int *ret_fd)
{
	_cleanup_(closep) int base = -1;
	int fd;

	base = open(user->base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (base < 0 && errno == ENOENT && make && !mkdir(user->base, 0700))
		base = open(user->base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (base < 0)
		return -errno;
	if (make && mkdirat(base, FOLDER, 0700) && errno != EEXIST)
		return -errno;
	fd = openat(base, FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static int check(int fd, const struct user *user)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != user->uid || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return -EPERM;
	return st.st_size > SETUP_FILE_MAX ? -EFBIG : 0;
}

static int read_from(int folder, const struct user *user, struct setup *setup)
{
	_cleanup_(closep) int fd = -1;
	char text[SETUP_FILE_MAX];
	ssize_t n;
	int err;

	fd = openat(folder, NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	err = check(fd, user);
	if (err)
		return err;
	n = read(fd, text, sizeof(text));
	if (n < 0)
		return -errno;
	(void)setup_parse(setup, text, (size_t)n); /* lines of later versions are no mistake */
	return 0;
}

int config_file_load(struct setup *setup)
{
	_cleanup_(closep) int folder = -1;
	struct user user;
	int err;

	if (find_user(&user))
		return 0;
	become(&user);
	err = open_folder(&user, false, &folder);
	if (!err)
		err = read_from(folder, &user, setup);
	return_from(&user);
	return err == -ENOENT ? 0 : err;
}

/* Under another name first: there is never half a file. */
static int write_to(int folder, const char *text, size_t len)
{
	_cleanup_(closep) int fd = -1;

	(void)unlinkat(folder, TEMPORARY, 0);
	fd = openat(folder, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != (ssize_t)len)
		return errno ? -errno : -EIO;
	return renameat(folder, TEMPORARY, folder, NAME) ? -errno : 0;
}

int config_file_save(const struct setup *setup)
{
	_cleanup_(closep) int folder = -1;
	char text[SETUP_FILE_MAX];
	size_t len = setup_print(setup, text, sizeof(text));
	struct user user;
	int err;

	err = find_user(&user);
	if (err)
		return err;
	become(&user);
	err = open_folder(&user, true, &folder);
	if (!err)
		err = write_to(folder, text, len);
	return_from(&user);
	return err;
}
