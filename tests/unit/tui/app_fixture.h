/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The whole of the display with a store and a canvas in memory: keys go in, text comes out. */
#ifndef NT_TESTS_UNIT_TUI_APP_FIXTURE_H
#define NT_TESTS_UNIT_TUI_APP_FIXTURE_H

#include "aggregator/compress.h"
#include "tui/app.h"
#include "tui/memory_canvas.h"
#include "tui/scene.h"

struct fixture {
	struct store *store;
	struct app *app;
	struct memory_canvas *memory;
	struct app_status status;
	char *text; /* of the last drawing */
};

static inline void resize(struct fixture *f, int rows, int cols)
{
	memory_canvas_free(f->memory);
	assert_int_equal(memory_canvas_new(rows, cols, true, &f->memory), 0);
}

static inline struct fixture setup(size_t max_bytes)
{
	const struct app_options options = {"ntrace-bpf 0.1.0", NULL, NULL, COMPRESS_ALL};
	struct fixture f = {.status = scene_status()};

	assert_int_equal(store_new(max_bytes, &f.store), 0);
	assert_int_equal(app_new(&options, f.store, &f.app), 0);
	app_set_status(f.app, &f.status);
	resize(&f, 24, 80);
	return f;
}

static inline void teardown(struct fixture *f)
{
	app_free(f->app);
	store_free(f->store);
	memory_canvas_free(f->memory);
	free(f->text);
}

static inline void draw(struct fixture *f)
{
	size_t len = 0;
	FILE *out;

	free(f->text);
	f->text = NULL;
	out = open_memstream(&f->text, &len);
	assert_non_null(out);
	app_draw(f->app, memory_canvas_canvas(f->memory));
	memory_canvas_dump(f->memory, MEMORY_DUMP_TEXT, out);
	assert_int_equal(fclose(out), 0);
}

static inline void press(struct fixture *f, const char *keys)
{
	for (; *keys; keys++) {
		draw(f);
		assert_int_equal(app_key(f->app, *keys), APP_CONTINUE);
	}
	draw(f);
}

static inline void assert_shows(const struct fixture *f, const char *text)
{
	if (!strstr(f->text, text))
		print_message("missing: %s\n%s", text, f->text);
	assert_non_null(strstr(f->text, text));
}

static inline void assert_hides(const struct fixture *f, const char *text)
{
	if (strstr(f->text, text))
		print_message("unexpected: %s\n%s", text, f->text);
	assert_null(strstr(f->text, text));
}

/* The path in the row of the selection. */
static inline void assert_selected(const struct fixture *f, const char *path)
{
	const char *line = strstr(f->text, "\n>");
	size_t len;

	assert_non_null(line);
	len = strcspn(line + 1, "\n");
	assert_true(len > strlen(path));
	assert_int_equal(strncmp(line + 1 + len - strlen(path), path, strlen(path)), 0);
}

static inline void add(struct fixture *f, uint64_t id, const char *url, uint64_t end_us)
{
	struct request *request = sample_request(id, "GET", url, end_us - 100, end_us);

	request->bytes = 1000;
	assert_int_equal(store_add(f->store, request), 0);
}

#endif
