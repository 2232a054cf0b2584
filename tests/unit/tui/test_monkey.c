/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Keys, clicks and sizes at random while requests come, finish and are shed: nothing breaks, whatever the
 * order. Under the sanitizers this is where mistakes with memory show.
 */
#include "tui/app.h"

#include <locale.h>

#include "tui/keys.h"
#include "tui/memory_canvas.h"
#include "tui/mouse.h"
#include "tui/scene.h"

#define ROUNDS 20000

struct monkey {
	struct store *store;
	struct app *app;
	struct memory_canvas *memory;
	struct app_status status;
	uint32_t seed;
	uint64_t id;
	uint64_t now_us;
};

static uint32_t roll(struct monkey *m, uint32_t sides)
{
	m->seed = m->seed * 1664525u + 1013904223u;
	return (m->seed >> 8) % sides;
}

static int any_key(struct monkey *m)
{
	static const int keys[] = {
		'\r',
		KEY_ESCAPE,
		KEY_ERASE,
		KEY_TAB,
		' ',
		KEY_ARROW_UP,
		KEY_ARROW_DOWN,
		KEY_ARROW_LEFT,
		KEY_ARROW_RIGHT,
		KEY_PAGE_UP,
		KEY_PAGE_DOWN,
		KEY_TO_START,
		KEY_TO_END,
		KEY_CTRL_U,
		KEY_FUNCTION + 2,
		KEY_FUNCTION + 5,
		KEY_FUNCTION + 3,
		KEY_FUNCTION + 4,
		0x6771,
		KEY_UNKNOWN,
	};

	if (roll(m, 3) == 0)
		return keys[roll(m, sizeof(keys) / sizeof(keys[0]))];
	return (int)(' ' + roll(m, 95));
}

static void resize(struct monkey *m)
{
	memory_canvas_free(m->memory);
	assert_int_equal(memory_canvas_new(1 + (int)roll(m, 60), 1 + (int)roll(m, 220), roll(m, 2),
					   &m->memory),
			 0);
}

static void add_request(struct monkey *m)
{
	static struct request *(*const makers[])(uint64_t id, uint64_t at) = {
		scene_report, scene_hello, scene_login, scene_failed, scene_poll};
	struct request *request = makers[roll(m, 5)](++m->id, m->now_us);

	assert_int_equal(store_add(m->store, request), 0);
}

/* Some that began lately, a little further on each time. */
static void set_open(struct monkey *m)
{
	struct request *requests[4];
	size_t n = roll(m, 5), i;

	for (i = 0; i < n; i++) {
		requests[i] = scene_report(1000000 + i, (i + 1) * 1000);
		requests[i]->flags = REQUEST_OPEN;
		requests[i]->status = 0;
		requests[i]->n_labels = 0;
		requests[i]->n_ops = roll(m, 7);
		requests[i]->end_ns = m->now_us * 1000;
	}
	app_set_open(m->app, 0, requests, n);
}

static void point(struct monkey *m)
{
	const struct mouse_event event = {
		.button = (enum mouse_button)roll(m, 3),
		.row = (int)roll(m, 62),
		.col = (int)roll(m, 222),
	};

	(void)app_mouse(m->app, &event);
}

static void step(struct monkey *m)
{
	uint32_t what = roll(m, 40);

	m->now_us += roll(m, 20000);
	if (what == 0)
		resize(m);
	else if (what < 4)
		add_request(m);
	else if (what == 4)
		set_open(m);
	else if (what < 8)
		point(m);
	else
		(void)app_key(m->app, any_key(m)); /* to quit is refused */
	m->status.now_ns = m->now_us * 1000;
	app_set_status(m->app, &m->status);
	if (roll(m, 3) == 0)
		app_draw(m->app, memory_canvas_canvas(m->memory));
}

static void test_anything_goes(void **state)
{
	const struct app_options options = {"ntrace-bpf 0.1.0", NULL, NULL, 3};
	struct monkey m = {.status = scene_status(), .seed = 7, .now_us = 100000000};
	int i;

	(void)state;
	assert_int_equal(store_new(60 * 4096, &m.store), 0);
	assert_int_equal(app_new(&options, m.store, &m.app), 0);
	resize(&m);
	for (i = 0; i < ROUNDS; i++)
		step(&m);
	app_free(m.app);
	store_free(m.store);
	memory_canvas_free(m.memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_anything_goes),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
