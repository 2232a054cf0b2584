/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* --route names routes in everything that is written: here, of two seconds of the demo that were recorded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aggregator/arena.h"
#include "aggregator/store.h"
#include "symbolizer/base.h"
#include "tui/app.h"
#include "tui/memory_canvas.h"
#include "user/run_replay.h"
#include "user/view_export.h"

#define TESTS_LEN ((int)(sizeof(NT_TEST_DATA) - sizeof("/data")))
#define MAX_TEXT  (4u << 20)
#define ROUTE     "--route=^/products/[0-9]+$=one-product"
#define OURS      "GET one-product"
#define PATTERN   "GET /products/:id"

struct folder {
	char path[32];
	char out[64];
};

static struct folder new_folder(void)
{
	struct folder folder = {.path = "/tmp/ntrace-test-XXXXXX"};

	assert_non_null(mkdtemp(folder.path));
	return folder;
}

/* What was written to folder->out; free it. The folder is gone then. */
static char *take_text(const struct folder *folder)
{
	FILE *file = fopen(folder->out, "re");
	char *text = calloc(1, MAX_TEXT);
	size_t n;

	assert_non_null(file);
	assert_non_null(text);
	n = fread(text, 1, MAX_TEXT - 1, file);
	assert_in_range(n, 1, MAX_TEXT - 2);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(unlink(folder->out), 0);
	assert_int_equal(rmdir(folder->path), 0);
	return text;
}

static void replay(struct folder *folder, char *format, char *route)
{
	char recording[4096];
	char *argv[] = {"ntrace-bpf", "--replay",  recording, format,
			"-o",         folder->out, route,     NULL};
	struct options options;

	(void)snprintf(recording, sizeof(recording), "%.*s/tui/shop.node22.ntr", TESTS_LEN,
		       NT_TEST_DATA);
	(void)snprintf(folder->out, sizeof(folder->out), "%s/out", folder->path);
	assert_int_equal(options_parse(route ? 7 : 6, argv, &options), OPTIONS_RUN);
	assert_int_equal(run_replay(&options), EXIT_CODE_OK);
	options_done(&options);
}

static void test_each_format_names_routes_by_the_rules(void **state)
{
	/* What stands around the name of a route. */
	static const struct {
		char *format;
		const char *before, *after;
	} rows[] = {
		{"--format=routes", "  ", "  ("},
		{"--format=text", "  ", "  ("},
		{"--format=ndjson", "{\"k\":\"route\",\"route\":\"", "\""},
		{"--folded=loopq", "(node);", " "},
		{"--folded=poolq", "(waking up);", " "},
	};
	char ours[128], pattern[128], *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct folder with = new_folder(), without = new_folder();

		(void)snprintf(ours, sizeof(ours), "%s" OURS "%s", rows[i].before, rows[i].after);
		(void)snprintf(pattern, sizeof(pattern), "%s" PATTERN "%s", rows[i].before,
			       rows[i].after);
		replay(&without, rows[i].format, NULL);
		text = take_text(&without);
		assert_non_null(strstr(text, pattern));
		assert_null(strstr(text, OURS));
		free(text);
		replay(&with, rows[i].format, ROUTE);
		text = take_text(&with);
		assert_non_null(strstr(text, ours));
		assert_null(strstr(text, PATTERN)); /* in the table of blame neither */
		free(text);
	}
}

static struct request *make_request(const struct stack *stack)
{
	struct arena *arena = arena_new();
	struct request *request = arena_alloc(arena, sizeof(*request));
	struct label_span *span = arena_alloc(arena, sizeof(*span));

	assert_non_null(request);
	assert_non_null(span);
	*span = (struct label_span){
		.start_ns = 1000, .end_ns = 9000, .label = LABEL_LOOP, .stack = stack};
	*request = (struct request){.arena = arena,
				    .id = 1,
				    .serial = 1,
				    .method = "GET",
				    .url = "/products/7",
				    .start_ns = 1000,
				    .end_ns = 9000,
				    .bytes = 1000,
				    .labels = span,
				    .n_labels = 1};
	return request;
}

static void draw(struct app *app)
{
	struct memory_canvas *memory;

	assert_int_equal(memory_canvas_new(24, 80, false, &memory), 0);
	app_draw(app, memory_canvas_canvas(memory));
	memory_canvas_free(memory);
}

static void type(struct app *app, const char *keys)
{
	while (*keys)
		(void)app_key(app, *keys++);
}

static void test_what_the_view_exports_has_them_too(void **state)
{
	static const struct stack stack = {.id = 1};
	char *argv[] = {"ntrace-bpf", "--replay", "none", "--folded=loopq", ROUTE, NULL};
	const struct frontend_target target = {.pid = 1, .n_pids = 1, .name = "app.js"};
	struct folder folder = new_folder();
	char said[256], *text;
	struct options options;
	struct store *store;
	struct app *app;

	(void)state;
	assert_int_equal(options_parse(5, argv, &options), OPTIONS_RUN);
	assert_int_equal(store_new(1 << 20, &store), 0);
	assert_int_equal(store_add(store, make_request(&stack)), 0);
	assert_int_equal(app_new(&(struct app_options){.program = "ntrace-bpf"}, store, &app), 0);
	app_set_status(app, &(struct app_status){.now_ns = 10000, .pid = 1});
	(void)snprintf(folder.out, sizeof(folder.out), "%s/out.folded", folder.path);
	draw(app);
	type(app, "x\x15"); /* and the name that it offers is wiped out */
	type(app, folder.out);
	assert_int_equal(app_key(app, '\r'), APP_EXPORT);
	view_export(&options, &target, app, said, sizeof(said));
	assert_non_null(strstr(said, "1 request written"));
	text = take_text(&folder);
	assert_non_null(strstr(text, OURS));
	free(text);
	app_free(app);
	store_free(store);
	options_done(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_format_names_routes_by_the_rules),
		cmocka_unit_test(test_what_the_view_exports_has_them_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
