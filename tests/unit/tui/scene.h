/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A history of requests and a status, to draw. Times in the comments are relative. */
#ifndef NT_TESTS_SCENE_H
#define NT_TESTS_SCENE_H

#include "aggregator/around.h"
#include "aggregator/history.h"
#include "aggregator/pool_watch.h"
#include "aggregator/sample.h"
#include "aggregator/store.h"
#include "tui/app.h"

#define SCENE_NOW_US 100000000

static const struct stack scene_stack = {
	.id = 7,
	.n_frames = 4,
	.frames =
		{
			{"pbkdf2", "node:internal/crypto/pbkdf2", 0x1000, 41, 9, FRAME_JS},
			{"derive", "/srv/app/auth.js", 0x2000, 12, 21, FRAME_JS},
			{"node::Dispatch", NULL, 0x3000, 0, 0, FRAME_NATIVE},
			{"js", NULL, 0x7f32aa00, 0, 0, FRAME_UNKNOWN},
		},
};

/* queued 92 ms, ran 36.6 ms, 0.4 ms until its callback */
static inline void scene_pool(struct op *op, uint64_t start_us, uint64_t queue_us, uint64_t run_us)
{
	op->queued_ns = start_us * 1000;
	op->started_ns = (start_us + queue_us) * 1000;
	op->finished_ns = (start_us + queue_us + run_us) * 1000;
	op->pool_tid = 4125;
}

/* Who ran while the report was ready. */
static const struct stack scene_culprit = {
	.id = 8,
	.n_frames = 3,
	.frames =
		{
			{"stringify", "node:internal/json", 0x1000, 41, 9, FRAME_JS},
			{"render", "/srv/app/render.js", 0x2000, 88, 14, FRAME_JS},
			{"login", "/srv/app/app.js", 0x3000, 70, 5, FRAME_JS},
		},
};

/* The turn that the login had: it waited all of it. */
static inline void scene_turn(struct request *request, const struct label_span *span)
{
	struct turn_delay *turn = arena_alloc(request->arena, sizeof(*turn));

	assert_non_null(turn);
	*turn = (struct turn_delay){
		.start_ns = span->start_ns - 56000000,
		.end_ns = span->end_ns + 2000000,
		.is_over = true,
		.delay_ns = span->end_ns - span->start_ns,
		.culprit = span->culprit,
		.culprit_ns = span->end_ns - span->start_ns,
		.stack = span->stack,
	};
	request->turns = turn;
	request->n_turns = 1;
}

/* The critical path of the report: the query, the hash with its queue, the login that had the loop, the timer. */
static inline void scene_labels(struct request *request, uint64_t at)
{
	static const struct {
		uint64_t until;
		enum label label;
		uint32_t op;
	} rows[] = {
		{6000, LABEL_JS, LABEL_OP_REQUEST},
		{48200, LABEL_IO, 0},
		{50000, LABEL_JS, 0},
		{141000, LABEL_POOL_QUEUE, 1},
		{177600, LABEL_POOL, 1},
		{178000, LABEL_GC, 1},
		{178300, LABEL_JS, 1},
		{296000, LABEL_TIMER, 4},
		{379000, LABEL_LOOP, 4},
		{381000, LABEL_JS, 4},
		{412800, LABEL_CLIENT, LABEL_OP_REQUEST},
	};
	uint64_t from = 0;
	size_t i, n = sizeof(rows) / sizeof(rows[0]);

	request->labels = arena_alloc(request->arena, n * sizeof(*request->labels));
	assert_non_null(request->labels);
	for (i = 0; i < n; i++) {
		request->labels[i] = (struct label_span){
			.start_ns = (at + from) * 1000,
			.end_ns = (at + rows[i].until) * 1000,
			.label = rows[i].label,
			.op = rows[i].op,
		};
		request->label_ns[rows[i].label] += (rows[i].until - from) * 1000;
		from = rows[i].until;
	}
	request->labels[8].culprit = 4;
	request->labels[8].stack = &scene_culprit;
	request->n_labels = (uint32_t)n;
	scene_turn(request, &request->labels[8]);
}

/* What the loop and the pool did meanwhile, in microseconds. */
static inline void scene_around(struct request *request, uint64_t at)
{
	static const struct {
		uint64_t from, until, request;
	} ran[] = {
		{0, 6000, 6},        {30000, 41000, 5},   {48200, 50000, 6},   {110000, 110900, 6},
		{178000, 178300, 6}, {210000, 214000, 0}, {240000, 379000, 4}, {379000, 381000, 6},
	};
	static const struct {
		uint64_t at;
		int step; /* 1 given to the pool, 2 taken by thread, 3 finished there */
		uint32_t tid;
	} pool[] = {
		{0, 1, 0},      {10, 2, 1},     {15, 1, 0},     {20, 2, 2},     {25, 1, 0},
		{30, 2, 3},     {49000, 1, 0},  {49010, 2, 4},  {49500, 1, 0},  {141000, 3, 4},
		{141000, 2, 4}, {177600, 3, 4}, {200000, 3, 1}, {230000, 3, 2},
	};
	struct history history = {0};
	struct pool_watch watch = {0};
	uint64_t idle_from = 0;
	size_t i;

	for (i = 0; i < sizeof(ran) / sizeof(ran[0]); i++) {
		struct stretch stretch = {.start_ns = (at + ran[i].from) * 1000,
					  .end_ns = (at + ran[i].until) * 1000,
					  .request = ran[i].request};

		assert_int_equal(history_polled(&history, (at + idle_from) * 1000,
						(at + ran[i].from) * 1000),
				 0);
		assert_int_equal(history_ran(&history, &stretch), 0);
		idle_from = ran[i].until + 200;
	}
	assert_int_equal(history_collected(&history, (at + 33000) * 1000, (at + 34000) * 1000), 0);
	assert_int_equal(
		history_collected_all(&history, (at + 300000) * 1000, (at + 321000) * 1000), 0);
	for (i = 0; i < sizeof(pool) / sizeof(pool[0]); i++) {
		uint64_t ts = (at + pool[i].at) * 1000;

		if (pool[i].step == 1)
			assert_int_equal(pool_submitted(&watch, ts), 0);
		else if (pool[i].step == 2)
			assert_int_equal(pool_started(&watch, pool[i].tid, ts, 0), 0);
		else
			assert_int_equal(pool_finished(&watch, pool[i].tid, ts), 0);
	}
	assert_int_equal(around_find(request, &history, &watch), 0);
	history_done(&history);
	pool_watch_done(&watch);
}

/* A report: a query, then a hash and two files at once, then a timer. 412.8 ms. */
static inline struct request *scene_report(uint64_t id, uint64_t at)
{
	struct request *request = sample_request(id, "GET", "/api/report/7", at, at + 412800);
	struct op *op;

	sample_own_run(request, at, at + 6000);
	op = sample_op(request, OP_PARENT_REQUEST, "net.connect", "10.0.0.5:5432", at + 2000,
		       at + 48200);
	op->wrap = "TCPCONNECTWRAP";
	op->async_id = 51190;
	sample_run(request, op, at + 48200, at + 50000);
	op = sample_op(request, 0, "crypto", "pbkdf2", at + 49000, at + 178000);
	op->wrap = "PBKDF2REQUEST";
	op->async_id = 51233;
	op->stack = &scene_stack;
	scene_pool(op, at + 49000, 92000, 36600);
	sample_run(request, op, at + 178000, at + 178300);
	op = sample_op(request, 0, "fs.readfile", "/srv/app/templates/report.html", at + 49500,
		       at + 110000);
	scene_pool(op, at + 49500, 20000, 40000);
	sample_run(request, op, at + 110000, at + 110900);
	op = sample_op(request, 0, "fs.stat", "/etc/hosts", at + 49700, at + 49900);
	op->flags = OP_FAILED;
	sample_op(request, 1, "timer", "200", at + 178200, at + 379000);
	sample_run(request, &request->ops[4], at + 379000, at + 381000);
	op = sample_op(request, 4, "http.client", "GET http://10.0.0.9:80/prices", at + 380000, 0);
	op->flags = OP_OPEN;
	op->evidence = EVIDENCE_STREAM;
	scene_labels(request, at);
	request->serial = 6;
	scene_around(request, at);
	request->cpu_ns = 11000000;
	request->headers_ns = (at + 300) * 1000;
	request->sent_ns = (at + 412700) * 1000;
	request->bytes_out = 39012;
	request->bytes = 4096;
	return request;
}

static inline struct request *scene_hello(uint64_t id, uint64_t at)
{
	struct request *request = sample_request(id, "GET", "/", at, at + 412);

	sample_own_run(request, at, at + 390);
	request->bytes_out = 140;
	request->bytes = 4096;
	return request;
}

static inline struct request *scene_login(uint64_t id, uint64_t at)
{
	struct request *request = sample_request(id, "POST", "/api/login", at, at + 97100);
	struct op *op;

	sample_own_run(request, at, at + 1100);
	op = sample_op(request, OP_PARENT_REQUEST, "crypto", "scrypt", at + 1000, at + 96000);
	scene_pool(op, at + 1000, 64000, 30900);
	sample_run(request, op, at + 96000, at + 97100);
	request->status = 401;
	request->cpu_ns = 2200000;
	request->bytes = 4096;
	return request;
}

static inline struct request *scene_failed(uint64_t id, uint64_t at)
{
	struct request *request =
		sample_request(id, "DELETE", "/stra\u00dfe/\u6771\u4eac/x", at, at + 1400);

	sample_own_run(request, at, at + 1400);
	request->status = 500;
	request->bytes = 4096;
	return request;
}

static inline struct request *scene_poll(uint64_t id, uint64_t at)
{
	struct request *request = sample_request(id, "GET", "/api/poll", at, at + 12345678);

	sample_op(request, OP_PARENT_REQUEST, "interval", "50", at + 100, 0);
	request->status = 0;
	request->flags = REQUEST_ABORTED | REQUEST_LOSSY;
	request->bytes = 4096;
	return request;
}

/* Six requests; the report is the last one to arrive. */
static inline void scene_fill(struct store *store)
{
	uint64_t now = SCENE_NOW_US;

	assert_int_equal(store_add(store, scene_hello(1, now - 90000000)), 0);
	assert_int_equal(store_add(store, scene_poll(2, now - 40000000)), 0);
	assert_int_equal(store_add(store, scene_login(4, now - 11000000)), 0);
	assert_int_equal(store_add(store, scene_failed(3, now - 10000000)), 0);
	assert_int_equal(store_add(store, scene_hello(5, now - 3000000)), 0);
	assert_int_equal(store_add(store, scene_report(6, now - 2512800)), 0);
}

static inline struct app_status scene_status(void)
{
	return (struct app_status){
		.now_ns = SCENE_NOW_US * 1000ULL,
		.state = APP_LIVE,
		.pid = 4121,
		.node_version = "v22.23.3",
		.script = "server.js",
		.totals = {.events = 123456,
			   .requests = 6,
			   .ops = 9998,
			   .ops_none = 12,
			   .ops_unknown = 2,
			   .requests_open = 3,
			   .loop = {.turns = 999,
				    .lag_ns = 83200000,
				    .gcs_minor = 14,
				    .gcs_major = 2,
				    .syncs = 3,
				    .sync_ns = 1250000},
			   .pool = {.busy = 3,
				    .threads = 4,
				    .queued = 7,
				    .jobs = 240,
				    .wait_p50_ns = 11000000,
				    .wait_p99_ns = 38400000,
				    .wait_max_ns = 92000000,
				    .run_p50_ns = 30100000,
				    .run_p99_ns = 41000000}},
		.loop_busy = 0.54,
		.gc = 0.031,
		.errors = 2,
		.request_rate = 182,
		.event_rate = 41200,
		.own_cpu = 0.019,
	};
}

#endif
