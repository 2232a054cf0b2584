/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Screens as they were when somebody last looked at them and found them right, in tests/tui/golden.
 *
 * NT_GOLDEN_UPDATE=1 in the environment rewrites the files, and the test fails all the same: look at the
 * difference, then run it again without.
 */
#ifndef NT_TESTS_GOLDEN_H
#define NT_TESTS_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/sample.h"
#include "tui/app.h"
#include "tui/keys.h"
#include "tui/memory_canvas.h"

/* The folder of the tests: that of their data without its last part. */
#define TESTS_LEN ((int)(sizeof(NT_TEST_DATA) - sizeof("/data")))

struct setting {
	const char *name;
	int rows;
	int cols;
	bool ascii;
	enum memory_dump attributes; /* dumped below the text */
};

static const struct setting settings[] = {
	{"80x24-utf8", 24, 80, false, MEMORY_DUMP_STYLES},
	{"80x24-ascii", 24, 80, true, MEMORY_DUMP_TEXT},
	{"80x24-mono", 24, 80, false, MEMORY_DUMP_MONO},
	{"120x36-utf8", 36, 120, false, MEMORY_DUMP_STYLES},
	{"120x36-ascii", 36, 120, true, MEMORY_DUMP_TEXT},
	{"120x36-mono", 36, 120, false, MEMORY_DUMP_MONO},
	{"200x50-utf8", 50, 200, false, MEMORY_DUMP_STYLES},
	{"200x50-ascii", 50, 200, true, MEMORY_DUMP_TEXT},
	{"200x50-mono", 50, 200, false, MEMORY_DUMP_MONO},
	{"40x10-ascii", 10, 40, true, MEMORY_DUMP_TEXT},
};
#define N_SETTINGS (sizeof(settings) / sizeof(settings[0]))

/* Keys without a character: "\2" is F2. */
static inline int key_of(char c)
{
	return c > 0 && c < 7 ? KEY_FUNCTION + c : c;
}

static inline void press(struct app *app, const char *keys)
{
	for (; *keys; keys++)
		assert_int_equal(app_key(app, key_of(*keys)), APP_CONTINUE);
}

static inline char *draw(struct app *app, const struct setting *setting, const char *keys)
{
	struct memory_canvas *memory;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(memory_canvas_new(setting->rows, setting->cols, setting->ascii, &memory),
			 0);
	/* Screens are drawn between the keys, as on a terminal. */
	for (; *keys; keys++) {
		app_draw(app, memory_canvas_canvas(memory));
		assert_int_equal(app_key(app, key_of(*keys)), APP_CONTINUE);
	}
	app_draw(app, memory_canvas_canvas(memory));
	memory_canvas_dump(memory, MEMORY_DUMP_TEXT, out);
	if (setting->attributes != MEMORY_DUMP_TEXT) {
		(void)fputs("----\n", out);
		memory_canvas_dump(memory, setting->attributes, out);
	}
	memory_canvas_free(memory);
	assert_int_equal(fclose(out), 0);
	return text;
}

static inline char *read_file(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return NULL;
	if (getdelim(&text, &size, '\0', file) < 0)
		text[0] = '\0';
	assert_int_equal(fclose(file), 0);
	return text;
}

static inline void update(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	print_message("wrote %s\n", path);
}

/* Returns whether it is as it was. */
static inline bool compare(const char *name, const struct setting *setting, const char *text)
{
	char path[4096];
	char *golden;
	bool same;

	(void)snprintf(path, sizeof(path), "%.*s/tui/golden/%s-%s.txt", TESTS_LEN, NT_TEST_DATA,
		       name, setting->name);
	if (getenv("NT_GOLDEN_UPDATE")) {
		update(path, text);
		return false;
	}
	golden = read_file(path);
	same = golden && !strcmp(golden, text);
	if (!same)
		print_message("%s differs; the screen is now:\n%s", path, text);
	free(golden);
	return same;
}

#endif
