/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "symbolizer/base.h"
#include "user/output_file.h"
#include "user/signals.h"

struct place {
	char dir[64];
	char file[96];
	char link[96];
};

static int set_up(void **state)
{
	static struct place place;

	(void)snprintf(place.dir, sizeof(place.dir), "/tmp/ntrace-test-XXXXXX");
	if (!mkdtemp(place.dir))
		return -1;
	(void)snprintf(place.file, sizeof(place.file), "%s/out", place.dir);
	(void)snprintf(place.link, sizeof(place.link), "%s/link", place.dir);
	(void)unsetenv("SUDO_UID");
	*state = &place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	(void)unlink(place->link);
	(void)unlink(place->file);
	(void)rmdir(place->file);
	return rmdir(place->dir);
}

static void write_word(const char *path, const char *word)
{
	FILE *file = NULL;

	assert_int_equal(output_file_open(path, &file), 0);
	assert_true(fputs(word, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void test_a_new_file_is_for_its_owner_only(void **state)
{
	const struct place *place = *state;
	struct stat st;

	write_word(place->file, "secret");
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 6);
}

static void test_what_cannot_be_written_is_known_before_it_is_tried(void **state)
{
	const struct place *place = *state;
	char missing[128];
	struct stat st;

	assert_int_equal(output_file_check(NULL), 0);
	assert_int_equal(output_file_check("-"), 0);
	assert_int_equal(output_file_check("/dev/full"), 0); /* only the try tells */
	assert_int_equal(output_file_check(place->file), 0);
	assert_int_equal(stat(place->file, &st), -1); /* nothing was made */
	write_word(place->file, "kept");
	assert_int_equal(output_file_check(place->file), 0);
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_size, 4);
	(void)snprintf(missing, sizeof(missing), "%s/x", place->file);
	assert_int_equal(output_file_check(missing), -ENOTDIR);
	(void)snprintf(missing, sizeof(missing), "%s/no/x", place->dir);
	assert_int_equal(output_file_check(missing), -ENOENT);
	assert_int_equal(output_file_check(place->dir), -EINVAL);
	assert_int_equal(symlink(place->file, place->link), 0);
	assert_int_equal(output_file_check(place->link), -ELOOP);
}

static void test_an_own_file_is_overwritten(void **state)
{
	const struct place *place = *state;
	struct stat st;

	write_word(place->file, "a long first word");
	write_word(place->file, "short");
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_size, 5);
}

static void test_a_symbolic_link_is_never_followed(void **state)
{
	const struct place *place = *state;
	FILE *file = NULL;
	struct stat st;

	write_word(place->file, "keep");
	assert_int_equal(symlink(place->file, place->link), 0);
	assert_int_equal(output_file_open(place->link, &file), -ELOOP);
	assert_null(file);
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_size, 4);
}

static void test_a_directory_is_no_file(void **state)
{
	const struct place *place = *state;
	FILE *file = NULL;

	assert_int_equal(mkdir(place->file, 0700), 0);
	assert_int_equal(output_file_open(place->file, &file), -EISDIR);
	assert_null(file);
}

static void test_the_file_of_somebody_else_is_left_alone(void **state)
{
	const struct place *place = *state;
	FILE *file = NULL;

	if (geteuid() != 0)
		skip();
	write_word(place->file, "keep");
	assert_int_equal(chown(place->file, 65534, 65534), 0);
	assert_int_equal(output_file_open(place->file, &file), -EPERM);
	/* … unless it is that user who called us through sudo. */
	assert_int_equal(setenv("SUDO_UID", "65534", 1), 0);
	write_word(place->file, "mine");
	assert_int_equal(unsetenv("SUDO_UID"), 0);
}

static void test_devices_can_be_written(void **state)
{
	(void)state;
	write_word("/dev/null", "gone");
}

/* Comes late, as somebody who starts the reader second. */
static void *read_late(void *path)
{
	const struct timespec late = {.tv_nsec = 120 * 1000 * 1000};
	char word[8] = {0};
	ssize_t n = 0;
	int fd;

	(void)nanosleep(&late, NULL);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, word, sizeof(word) - 1);
		(void)close(fd);
	}
	return n == 4 && strcmp(word, "word") == 0 ? path : NULL;
}

static void test_the_reader_of_a_fifo_is_waited_for(void **state)
{
	struct place *place = *state;
	void *came = NULL;
	pthread_t reader;

	assert_int_equal(mkfifo(place->file, 0600), 0);
	assert_int_equal(pthread_create(&reader, NULL, read_late, place->file), 0);
	write_word(place->file, "word");
	assert_int_equal(pthread_join(reader, &came), 0);
	assert_non_null(came);
}

static void test_a_fifo_blocks_once_it_is_read(void **state)
{
	const struct place *place = *state;
	FILE *file = NULL;
	int reader;

	assert_int_equal(mkfifo(place->file, 0600), 0);
	reader = open(place->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_int_equal(output_file_open(place->file, &file), 0);
	assert_int_equal(fcntl(fileno(file), F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(close(reader), 0);
}

static void test_ctrl_c_ends_the_wait_for_a_reader(void **state)
{
	const struct place *place = *state;
	const struct timespec none = {0};
	FILE *file = NULL;
	sigset_t set;

	assert_int_equal(mkfifo(place->file, 0600), 0);
	signals_block();
	assert_int_equal(raise(SIGINT), 0);
	assert_int_equal(output_file_open(place->file, &file), -EINTR);
	assert_null(file);
	assert_int_equal(sigemptyset(&set), 0);
	assert_int_equal(sigaddset(&set, SIGINT), 0);
	assert_int_equal(sigtimedwait(&set, NULL, &none), SIGINT);
}

static void test_standard_output_is_a_duplicate(void **state)
{
	FILE *file = NULL;

	(void)state;
	assert_int_equal(output_file_open("-", &file), 0);
	assert_int_not_equal(fileno(file), STDOUT_FILENO);
	assert_int_equal(fclose(file), 0);
	assert_true(fcntl(STDOUT_FILENO, F_GETFD) >= 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_new_file_is_for_its_owner_only),
		TEST(test_what_cannot_be_written_is_known_before_it_is_tried),
		TEST(test_an_own_file_is_overwritten),
		TEST(test_a_symbolic_link_is_never_followed),
		TEST(test_a_directory_is_no_file),
		TEST(test_the_file_of_somebody_else_is_left_alone),
		TEST(test_devices_can_be_written),
		TEST(test_the_reader_of_a_fifo_is_waited_for),
		TEST(test_a_fifo_blocks_once_it_is_read),
		TEST(test_ctrl_c_ends_the_wait_for_a_reader),
		TEST(test_standard_output_is_a_duplicate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
