/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the loop screen says about the pool, and what becomes of tags when requests come and go. */
#include "tui/app.h"

#include <locale.h>

#include "tui/keys.h"
#include "tui/memory_canvas.h"
#include "tui/scene.h"

struct fixture {
	struct store *store;
	struct app *app;
	struct memory_canvas *memory;
	char *text; /* of the last drawing */
};

static struct fixture setup(size_t max_bytes, int rows, int cols)
{
	const struct app_options options = {"ntrace-bpf 0.1.0", NULL, NULL, 0};
	const struct app_status status = scene_status();
	struct fixture f = {0};

	assert_int_equal(store_new(max_bytes, &f.store), 0);
	assert_int_equal(app_new(&options, f.store, &f.app), 0);
	assert_int_equal(memory_canvas_new(rows, cols, true, &f.memory), 0);
	app_set_status(f.app, &status);
	return f;
}

static void teardown(struct fixture *f)
{
	app_free(f->app);
	store_free(f->store);
	memory_canvas_free(f->memory);
	free(f->text);
}

static void press(struct fixture *f, const char *keys)
{
	size_t len = 0;
	FILE *out;

	app_draw(f->app, memory_canvas_canvas(f->memory));
	for (; *keys; keys++) {
		assert_int_equal(app_key(f->app, *keys), APP_CONTINUE);
		app_draw(f->app, memory_canvas_canvas(f->memory));
	}
	free(f->text);
	out = open_memstream(&f->text, &len);
	assert_non_null(out);
	memory_canvas_dump(f->memory, MEMORY_DUMP_TEXT, out);
	assert_int_equal(fclose(out), 0);
}

static void assert_shows(const struct fixture *f, const char *text, bool shows)
{
	if (!strstr(f->text, text) == shows)
		print_message("%s: %s\n%s", shows ? "missing" : "not wanted", text, f->text);
	assert_int_equal(strstr(f->text, text) != NULL, shows);
}

/* One job at work, one that waits; both began before now. */
static struct request *with_jobs(uint64_t id)
{
	uint64_t now = SCENE_NOW_US;
	struct request *request = sample_request(id, "POST", "/login", now - 50000, now);
	struct op *op;

	request->flags = REQUEST_OPEN;
	request->status = 0;
	op = sample_op(request, OP_PARENT_REQUEST, "zlib", "Gzip", now - 40000, 0);
	op->queued_ns = (now - 40000) * 1000;
	op = sample_op(request, OP_PARENT_REQUEST, "crypto", "pbkdf2", now - 30000, 0);
	op->queued_ns = (now - 30000) * 1000;
	op->started_ns = (now - 12000) * 1000;
	op->pool_tid = 4125;
	op = sample_op(request, OP_PARENT_REQUEST, "fs.stat", "/done", now - 30000, now - 20000);
	scene_pool(op, now - 30000, 10, 10);
	return request;
}

static void test_jobs_of_the_pool_are_told_while_they_are_under_way(void **state)
{
	struct fixture f = setup(1 << 30, 36, 120);
	struct request *request = with_jobs(9);
	const char *at_work, *waits;

	(void)state;
	app_set_open(f.app, 0, &request, 1);
	press(&f, "L");
	assert_shows(&f, "pool: 3 of 4 threads, 7 jobs wait", true);
	assert_shows(&f, "12.0ms  thread 4125     crypto pbkdf2  of POST /login", true);
	assert_shows(&f, "40.0ms  waits           zlib Gzip  of POST /login", true);
	assert_shows(&f, "/done", false);
	at_work = strstr(f.text, "thread 4125");
	waits = strstr(f.text, "waits  ");
	assert_true(at_work < waits);
	teardown(&f);
}

static void add(struct fixture *f, uint64_t id, const char *url)
{
	struct request *request = sample_request(id, "GET", url, id * 1000, id * 1000 + 400);

	request->bytes = 4000;
	assert_int_equal(store_add(f->store, request), 0);
}

static void test_tags_of_requests_that_are_gone_are_not_counted(void **state)
{
	struct fixture f = setup(10000, 24, 80);
	uint64_t id;

	(void)state;
	add(&f, 1, "/one");
	add(&f, 2, "/two");
	press(&f, " j j");
	assert_shows(&f, "2 tagged", true);
	add(&f, 3, "/three");
	press(&f, "");
	assert_shows(&f, "1 tagged", true);
	for (id = 4; id < 10; id++)
		add(&f, id, "/more");
	press(&f, "");
	assert_shows(&f, "tagged", false);
	teardown(&f);
}

static int count(void *user, const struct request *request)
{
	*(uint64_t *)user = request->id;
	return 0;
}

static void test_request_that_was_tagged_in_flight_stays_tagged(void **state)
{
	struct fixture f = setup(1 << 30, 24, 80);
	struct request *request = with_jobs(9), *finished;
	uint64_t exported = 0;
	size_t n = 0;

	(void)state;
	add(&f, 1, "/one");
	app_set_open(f.app, 0, &request, 1);
	press(&f, "g ");
	assert_shows(&f, "1 tagged", true);
	request = with_jobs(9);
	app_set_open(f.app, 0, &request, 1);
	press(&f, "");
	assert_shows(&f, "1 tagged", true);
	finished = with_jobs(9);
	finished->flags = 0;
	finished->bytes = 4000;
	assert_int_equal(store_add(f.store, finished), 0);
	app_set_open(f.app, 0, NULL, 0);
	press(&f, "");
	assert_shows(&f, "1 tagged", true);
	assert_int_equal(app_export(f.app, count, &exported, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(exported, 9);
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs_of_the_pool_are_told_while_they_are_under_way),
		cmocka_unit_test(test_tags_of_requests_that_are_gone_are_not_counted),
		cmocka_unit_test(test_request_that_was_tagged_in_flight_stays_tagged),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
