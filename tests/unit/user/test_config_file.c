/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/config_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tui/setup.h"

struct fixture {
	char home[64];
	char folder[128];
	char file[160];
};

static int setup_home(void **state)
{
	static struct fixture f;

	(void)snprintf(f.home, sizeof(f.home), "/tmp/nt-config-XXXXXX");
	assert_non_null(mkdtemp(f.home));
	(void)snprintf(f.folder, sizeof(f.folder), "%s/.config/ntrace-bpf", f.home);
	(void)snprintf(f.file, sizeof(f.file), "%s/config", f.folder);
	assert_int_equal(setenv("HOME", f.home, 1), 0);
	assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
	assert_int_equal(unsetenv("SUDO_UID"), 0);
	assert_int_equal(unsetenv("SUDO_GID"), 0);
	*state = &f;
	return 0;
}

static int remove_home(void **state)
{
	const struct fixture *f = *state;
	char path[128];

	(void)unlink(f->file);
	(void)rmdir(f->folder);
	(void)snprintf(path, sizeof(path), "%s/.config", f->home);
	(void)rmdir(path);
	(void)snprintf(path, sizeof(path), "%s/elsewhere", f->home);
	(void)unlink(path);
	return rmdir(f->home);
}

static void put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static void test_what_is_saved_is_loaded_and_private(void **state)
{
	const struct fixture *f = *state;
	struct setup setup = {{0}}, loaded = {{0}};
	struct stat st;

	setup.choice[SETUP_SORT] = 2;
	setup.choice[SETUP_MOUSE] = 1;
	assert_int_equal(config_file_load(&loaded), 0); /* there is none yet */
	assert_int_equal(config_file_save(&setup), 0);
	assert_int_equal(stat(f->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(f->folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(config_file_load(&loaded), 0);
	assert_memory_equal(&loaded, &setup, sizeof(setup));
	setup.choice[SETUP_SORT] = 3;
	assert_int_equal(config_file_save(&setup), 0);
	assert_int_equal(config_file_load(&loaded), 0);
	assert_int_equal(loaded.choice[SETUP_SORT], 3);
}

static void test_xdg_config_home_comes_first_and_must_be_absolute(void **state)
{
	const struct fixture *f = *state;
	struct setup setup = {{0}}, loaded = {{0}};
	char base[128];

	setup.choice[SETUP_SORT] = 1;
	(void)snprintf(base, sizeof(base), "%s/.config", f->home);
	assert_int_equal(setenv("XDG_CONFIG_HOME", "relative", 1), 0);
	assert_int_equal(config_file_save(&setup), -ENOENT);
	assert_int_equal(setenv("XDG_CONFIG_HOME", base, 1), 0);
	assert_int_equal(setenv("HOME", "/nonexistent", 1), 0);
	assert_int_equal(config_file_save(&setup), 0);
	assert_int_equal(config_file_load(&loaded), 0);
	assert_int_equal(loaded.choice[SETUP_SORT], 1);
}

static void test_files_that_others_could_have_written_are_not_used(void **state)
{
	const struct fixture *f = *state;
	struct setup setup = {{0}};
	char elsewhere[128];

	assert_int_equal(config_file_save(&setup), 0);
	put(f->file, "sort = cpu\n", 0622);
	assert_int_equal(config_file_load(&setup), -EPERM);
	put(f->file, "sort = cpu\n", 0660);
	assert_int_equal(config_file_load(&setup), -EPERM);
	assert_int_equal(setup.choice[SETUP_SORT], 0);
	put(f->file, "sort = cpu\n", 0644);
	assert_int_equal(config_file_load(&setup), 0);
	assert_int_equal(setup.choice[SETUP_SORT], 2);
	/* A link is not followed, neither to read nor to write. */
	(void)snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", f->home);
	put(elsewhere, "sort = ops\n", 0600);
	assert_int_equal(unlink(f->file), 0);
	assert_int_equal(symlink(elsewhere, f->file), 0);
	assert_int_equal(config_file_load(&setup), -ELOOP);
	assert_int_equal(setup.choice[SETUP_SORT], 2);
	assert_int_equal(config_file_save(&setup), 0); /* the link is replaced */
	assert_int_equal(config_file_load(&setup), 0);
	setup.choice[SETUP_SORT] = 0;
	assert_int_equal(setup_parse(&setup, "sort = ops", 10), 0);
	assert_int_equal(setup.choice[SETUP_SORT], 5);
}

static void test_large_files_and_pipes_are_not_read(void **state)
{
	const struct fixture *f = *state;
	struct setup setup = {{0}};
	char text[SETUP_FILE_MAX + 2];

	assert_int_equal(config_file_save(&setup), 0);
	memset(text, '#', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	put(f->file, text, 0600);
	assert_int_equal(config_file_load(&setup), -EFBIG);
	assert_int_equal(unlink(f->file), 0);
	assert_int_equal(mkfifo(f->file, 0600), 0);
	assert_int_equal(config_file_load(&setup), -EPERM);
}

/* Root by sudo acts as its caller, whose home this is not. */
static void test_home_of_the_environment_is_not_believed_under_sudo(void **state)
{
	const struct fixture *f = *state;
	struct setup setup = {{0}};

	if (geteuid() != 0)
		skip();
	assert_int_equal(setenv("SUDO_UID", "65534", 1), 0);
	assert_int_equal(setenv("SUDO_GID", "65534", 1), 0);
	assert_true(config_file_save(&setup) < 0);
	assert_int_not_equal(access(f->file, F_OK), 0);
	assert_int_equal(config_file_load(&setup), 0);
	assert_int_equal(unsetenv("SUDO_UID"), 0);
	/* And is itself again. */
	assert_int_equal(config_file_save(&setup), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_saved_is_loaded_and_private,
						setup_home, remove_home),
		cmocka_unit_test_setup_teardown(
			test_xdg_config_home_comes_first_and_must_be_absolute, setup_home,
			remove_home),
		cmocka_unit_test_setup_teardown(
			test_files_that_others_could_have_written_are_not_used, setup_home,
			remove_home),
		cmocka_unit_test_setup_teardown(test_large_files_and_pipes_are_not_read, setup_home,
						remove_home),
		cmocka_unit_test_setup_teardown(
			test_home_of_the_environment_is_not_believed_under_sudo, setup_home,
			remove_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
