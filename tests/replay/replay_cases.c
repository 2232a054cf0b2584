/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * replay_cases CASE: replays CASE.ntr, compares what comes out with CASE.expected and checks what
 * must hold of every recording. Needs neither root nor node. With NT_GOLDEN_UPDATE=1 it writes
 * CASE.expected and fails, so that nobody mistakes that for a test.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "symbolizer/base.h"
#include "tests/replay/capture.h"
#include "tests/replay/digest.h"
#include "tests/replay/properties.h"

#define MAX_OPS  5000 /* --max-nodes as it is when not given */
#define MAX_FILE (4L << 20)

/* Cases that want other options than those of the command line's defaults. */
static const struct {
	const char *prefix;
	uint32_t max_ops;
} special_cases[] = {
	{"many.", 20},
};

struct text {
	char *data;
	size_t len;
};

static char *path_of(const char *name, const char *extension)
{
	char *path;

	return asprintf(&path, "%s/%s.%s", NT_REPLAY_DATA, name, extension) < 0 ? NULL : path;
}

static int error_of_errno(void)
{
	const int err = errno;

	return err > 0 ? -err : -EIO;
}

/* The whole file; free its data. */
static int read_file(const char *path, struct text *ret_text)
{
	_cleanup_(fclosep) FILE *in = fopen(path, "rbe");
	struct text text;
	long size;

	if (!in || fseek(in, 0, SEEK_END))
		return error_of_errno();
	size = ftell(in);
	if (size < 0 || size > MAX_FILE)
		return -EFBIG;
	rewind(in);
	text.len = (size_t)size;
	text.data = calloc(1, text.len + 1);
	if (!text.data)
		return -ENOMEM;
	if (fread(text.data, 1, text.len, in) != text.len) {
		free(text.data);
		return -EIO;
	}
	*ret_text = text;
	return 0;
}

static int write_file(const char *path, const struct text *text)
{
	FILE *out = fopen(path, "wbe");
	bool good;

	if (!out)
		return error_of_errno();
	good = fwrite(text->data, 1, text->len, out) == text->len;
	return fclose(out) || !good ? -EIO : 0;
}

static void options_of(const char *name, struct capture_options *ret_options)
{
	*ret_options = (struct capture_options){.max_ops = MAX_OPS};
	for (size_t i = 0; i < ARRAY_SIZE(special_cases); i++)
		if (!strncmp(name, special_cases[i].prefix, strlen(special_cases[i].prefix)))
			ret_options->max_ops = special_cases[i].max_ops;
}

static int digest_of(const struct capture *capture, struct text *ret_text)
{
	struct text text = {};
	FILE *out = open_memstream(&text.data, &text.len);

	if (!out)
		return -ENOMEM;
	digest_write(out, capture);
	if (fclose(out))
		return -EIO;
	*ret_text = text;
	return 0;
}

static const char *line_end(const char *text)
{
	const char *end = strchr(text, '\n');

	return end ? end : text + strlen(text);
}

/* Prints the first line that differs. */
static void show_difference(const char *expected, const char *have)
{
	unsigned int number = 1;

	while (*expected && *have) {
		const char *a = line_end(expected), *b = line_end(have);

		if (a - expected != b - have || memcmp(expected, have, (size_t)(a - expected)) != 0)
			break;
		expected = *a ? a + 1 : a;
		have = *b ? b + 1 : b;
		number++;
	}
	printf("line %u\n  expected: %.*s\n  have:     %.*s\n", number,
	       (int)(line_end(expected) - expected), expected, (int)(line_end(have) - have), have);
}

static int compare(const char *name, const struct text *have)
{
	_cleanup_(freep) char *path = path_of(name, "expected");
	struct text expected = {};
	int err, different;

	if (!path)
		return -ENOMEM;
	if (getenv("NT_GOLDEN_UPDATE")) {
		err = write_file(path, have);
		printf("%s: %s\n", path, err ? strerror(-err) : "written anew: look at it");
		return -ECANCELED;
	}
	err = read_file(path, &expected);
	if (err || !expected.data) {
		printf("%s: %s\n", path, strerror(-err));
		return -ENOENT;
	}
	different = expected.len != have->len || memcmp(expected.data, have->data, have->len) != 0;
	if (different) {
		printf("%s is not what comes out:\n", path);
		show_difference(expected.data, have->data);
	}
	free(expected.data);
	return different ? -EBADMSG : 0;
}

static int check_case(const char *name, const struct text *recording)
{
	struct capture_options options;
	struct capture capture;
	struct text digest = {};
	unsigned int broken;
	int err;

	options_of(name, &options);
	err = capture_run(recording->data, recording->len, &options, &capture);
	if (err) {
		printf("%s cannot be replayed: %s\n", name, strerror(-err));
		return err;
	}
	broken = properties_check(&capture) + properties_check_known(&capture);
	broken += properties_check_damage(recording->data, recording->len, &options, &capture);
	err = digest_of(&capture, &digest);
	if (!err)
		err = compare(name, &digest);
	free(digest.data);
	capture_done(&capture);
	return broken ? -EBADMSG : err;
}

int main(int argc, char **argv)
{
	_cleanup_(freep) char *path = argc == 2 ? path_of(argv[1], "ntr") : NULL;
	struct text recording = {};
	int err;

	if (!path) {
		fprintf(stderr, "usage: replay_cases CASE\n");
		return 2;
	}
	err = read_file(path, &recording);
	if (err) {
		printf("%s: %s\n", path, strerror(-err));
		return 1;
	}
	err = check_case(argv[1], &recording);
	free(recording.data);
	return err ? 1 : 0;
}
