/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * bench_view: what the view costs. Bytes that it sends to a terminal while 1,000 requests a second come, and how
 * long a frame and a key take with 100,000 requests in memory, sort and filter included. Times are of the CPU, so
 * that other work on the machine does not count. Exits 1 when one of the goals is missed.
 */
#include <fcntl.h>
#include <locale.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "aggregator/arena.h"
#include "aggregator/store.h"
#include "symbolizer/base.h"
#include "tui/app.h"
#include "tui/keys.h"
#include "tui/memory_canvas.h"
#include "tui/screen.h"

#define REQUESTS    100000
#define RATE        1000 /* requests a second */
#define FRAMES      4    /* a second, as user/terminal.c draws them */
#define SECONDS     20
#define OPS         8
#define GOAL_BYTES  20000 /* a second */
#define GOAL_KEY_MS 50
#define HISTORY     (1ULL << 30)

static double now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static uint32_t roll(uint32_t sides)
{
	static uint32_t seed = 1;

	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % sides;
}

/* A request as a handler with a few awaits leaves it. */
static struct request *make_request(uint64_t id, uint64_t end_ns)
{
	static const char *const names[] = {"users", "orders", "logins", "reports"};
	static const char *const types[] = {"fs.open", "net.connect", "timer", "crypto"};
	struct arena *arena = arena_new();
	struct request *request = arena ? arena_alloc(arena, sizeof(*request)) : NULL;
	uint64_t duration_ns = (1 + roll(200)) * NS_PER_MS;
	char url[64];
	unsigned int i;

	if (!request)
		abort();
	(void)snprintf(url, sizeof(url), "/api/%s/%u", names[roll(4)], roll(1000));
	*request = (struct request){
		.arena = arena,
		.id = id,
		.serial = id,
		.pid = 1,
		.tid = 1,
		.method = roll(4) ? "GET" : "POST",
		.url = arena_copy(arena, url, strlen(url)),
		.status = roll(50) ? 200 : 500,
		.start_ns = end_ns - duration_ns,
		.end_ns = end_ns,
		.cpu_ns = duration_ns / 10,
		.n_ops = OPS,
		.n_ops_total = OPS,
		.ops = arena_alloc(arena, OPS * sizeof(struct op)),
	};
	for (i = 0; i < OPS; i++)
		request->ops[i] = (struct op){
			.id = id * OPS + i,
			.type = types[i % 4],
			.detail = "/srv/app/file",
			.start_ns = request->start_ns + duration_ns * i / OPS,
			.end_ns = request->start_ns + duration_ns * (i + 2) / (OPS + 2),
			.parent = i ? i - 1 : OP_PARENT_REQUEST,
			.count = 1,
		};
	request->bytes = arena_bytes(arena);
	return request;
}

struct bench {
	struct store *store;
	struct app *app;
	struct app_status status;
	uint64_t id;
};

static void add(struct bench *b, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		b->status.now_ns += NS_PER_SEC / RATE;
		if (store_add(b->store, make_request(++b->id, b->status.now_ns)))
			abort();
	}
	b->status.totals.requests = b->id;
	b->status.totals.events = b->id * 60;
	app_set_status(b->app, &b->status);
}

static struct bench open_bench(void)
{
	const struct app_options options = {.program = "ntrace-bpf"};
	struct bench b = {.status = {.now_ns = 1000 * NS_PER_SEC,
				     .pid = 1,
				     .node_version = "v0.0.0",
				     .script = "/srv/app/server.js",
				     .request_rate = RATE,
				     .event_rate = RATE * 60,
				     .own_cpu = 0.02,
				     .loop_busy = 0.3,
				     .gc = 0.01}};

	if (store_new(HISTORY, &b.store) || app_new(&options, b.store, &b.app))
		abort();
	return b;
}

static void close_bench(struct bench *b)
{
	app_free(b->app);
	store_free(b->store);
}

static bool missed;

static void report(const char *what, double value, const char *unit, double goal)
{
	bool bad = goal > 0 && value > goal;

	(void)printf("%-58s %10.2f %s%s\n", what, value, unit, bad ? "  MISSED" : "");
	missed = missed || bad;
}

/* Keys that do something different each, with a frame behind each as on a terminal. */
static void measure_keys(void)
{
	static const struct {
		const char *name;
		const char *keys;
	} rows[] = {
		{"key: down", "j"},
		{"key: the last", "G"},
		{"key: sort by the next column", "s"},
		{"key: sort by path", "ssss"},
		{"key: filter dur>100 && path=~\"users\"", ":dur>100 && path=~\"users\"\r"},
		{"key: no filter", "\033"},
		{"key: search for a word that is not there", "/nowhere\r"},
		{"key: search for what does not match", "/\025no(where|body)$\r"},
		{"key: open the request", "\r"},
		{"key: next operation", "j"},
		{"key: next request", "]"},
		{"key: back", "q"},
		{"key: routes", "R"},
		{"key: the next route", "j"},
		{"key: metric", "w"},
	};
	struct bench b = open_bench();
	struct memory_canvas *memory;
	double start, longest;
	const char *key;
	size_t i;

	if (memory_canvas_new(36, 120, false, &memory))
		abort();
	add(&b, REQUESTS);
	start = now_ms();
	app_draw(b.app, memory_canvas_canvas(memory));
	report("the first frame with 100,000 requests", now_ms() - start, "ms", 0);
	while (b.id && app_key(b.app, KEY_UNKNOWN) == APP_CONTINUE && b.status.shed < 30) {
		app_draw(b.app,
			 memory_canvas_canvas(memory)); /* routes take them in, some a frame */
		b.status.shed++;
	}
	add(&b, RATE / FRAMES);
	start = now_ms();
	app_draw(b.app, memory_canvas_canvas(memory));
	report("a frame with 250 new requests", now_ms() - start, "ms", GOAL_KEY_MS);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		longest = 0;
		for (key = rows[i].keys; *key; key++) {
			start = now_ms();
			(void)app_key(b.app, *key);
			app_draw(b.app, memory_canvas_canvas(memory));
			if (now_ms() - start > longest)
				longest = now_ms() - start;
		}
		report(rows[i].name, longest, "ms", GOAL_KEY_MS);
	}
	memory_canvas_free(memory);
	close_bench(&b);
}

/* On a terminal of its own: some seconds of frames, without waiting between them. */
static int draw_frames(const char *keys)
{
	const struct screen_options options = {.colour = true};
	struct bench b = open_bench();
	struct screen *screen;
	int i;

	if (screen_open(&options, &screen))
		return 1;
	add(&b, RATE);
	app_draw(b.app, screen_canvas(screen));
	for (; *keys; keys++)
		(void)app_key(b.app, *keys);
	for (i = 0; i < SECONDS * FRAMES; i++) {
		add(&b, RATE / FRAMES);
		app_draw(b.app, screen_canvas(screen));
		screen_flush(screen);
	}
	screen_close(screen);
	close_bench(&b);
	return 0;
}

static void measure_bytes(const char *what, const char *keys, int rows, int cols)
{
	const struct winsize size = {.ws_row = (unsigned short)rows,
				     .ws_col = (unsigned short)cols};
	char buf[4096];
	uint64_t bytes = 0;
	int terminal, status = 0;
	ssize_t n;
	pid_t pid;

	pid = forkpty(&terminal, NULL, NULL, &size);
	if (pid < 0)
		abort();
	if (pid == 0)
		_exit(draw_frames(keys));
	while ((n = read(terminal, buf, sizeof(buf))) > 0)
		bytes += (uint64_t)n;
	(void)close(terminal);
	if (waitpid(pid, &status, 0) != pid || status)
		abort();
	report(what, (double)bytes / SECONDS, "B/s", GOAL_BYTES);
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8") || setenv("TERM", "xterm-256color", 1))
		return 1;
	measure_bytes("sent at 1,000 requests/s, newest first, 80x24", "", 24, 80);
	measure_bytes("sent at 1,000 requests/s, newest first, 120x36", "", 36, 120);
	measure_bytes("sent at 1,000 requests/s, slowest first, 120x36", "s", 36, 120);
	measure_bytes("sent at 1,000 requests/s, routes, 120x36", "R", 36, 120);
	measure_keys();
	return missed;
}
