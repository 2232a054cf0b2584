/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Builds the events of a small server for engine tests, in the order a real one sends them. */
#ifndef NT_TESTS_UNIT_AGGREGATOR_TRACE_H
#define NT_TESTS_UNIT_AGGREGATOR_TRACE_H

#include <string.h>

#include "aggregator/engine.h"

#define MS               1000000ULL
#define MAX_OUT          128
#define MAX_TRACE_THREAD 4

/* What every event of a thread tells. */
struct trace_ids {
	uint64_t exec, trigger, counter;
	uint32_t seq, immediates;
	uint8_t tick;
};

struct trace {
	uint32_t age_us; /* of the reads that requests stand in, 0 not known */
	struct engine *engine;
	struct request *requests[MAX_OUT];
	uint32_t n_requests;
	uint32_t n_unowned;
	uint64_t content_length; /* of responses with BODY_LENGTH */
	char unowned_type[MAX_OUT][32];
	enum evidence unowned_evidence[MAX_OUT];
	uint64_t ts;
	uint32_t tid;
	uint64_t exec, trigger, counter; /* of thread tid */
	uint32_t seq, immediates;
	uint8_t tick;
	struct trace_ids others[MAX_TRACE_THREAD]; /* of the threads that are not on */
};

static inline void trace_on_request(void *user, struct request *request)
{
	struct trace *trace = user;

	assert_true(trace->n_requests < MAX_OUT);
	trace->requests[trace->n_requests++] = request;
}

static inline void trace_on_unowned(void *user, const struct op *op)
{
	struct trace *trace = user;

	assert_true(trace->n_unowned < MAX_OUT);
	strncpy(trace->unowned_type[trace->n_unowned], op->type, 31);
	trace->unowned_evidence[trace->n_unowned++] = op->evidence;
}

static inline void trace_init(struct trace *trace, uint32_t max_ops)
{
	struct engine_options options = {.pid = 1,
					 .max_ops = max_ops,
					 .linger_ns = 1000 * MS,
					 .max_memory = 64 << 20,
					 .keep_unowned = true};
	struct engine_output output = {
		.user = trace, .on_request = trace_on_request, .on_unowned = trace_on_unowned};

	memset(trace, 0, sizeof(*trace));
	trace->ts = 1000 * MS;
	trace->tid = 1;
	trace->counter = 100;
	trace->content_length = 5;
	assert_int_equal(engine_new(&options, &output, &trace->engine), 0);
}

static inline void trace_done(struct trace *trace)
{
	for (uint32_t i = 0; i < trace->n_requests; i++)
		request_free(trace->requests[i]);
	engine_free(trace->engine);
}

static inline struct event trace_event(struct trace *trace, enum nt_event_kind kind)
{
	trace->ts += 10000;
	return (struct event){.ts = trace->ts,
			      .tid = trace->tid,
			      .seq = trace->seq++,
			      .kind = kind,
			      .has_ids = true,
			      .exec = trace->exec,
			      .trigger = trace->trigger,
			      .counter = trace->counter,
			      .immediates = trace->immediates,
			      .tick = trace->tick,
			      .text = ""};
}

/* The events that follow are of this thread: it counts its ids on its own. */
static inline void trace_thread(struct trace *trace, uint32_t tid)
{
	struct trace_ids ids = {trace->exec, trace->trigger,    trace->counter,
				trace->seq,  trace->immediates, trace->tick};

	assert_true(tid < MAX_TRACE_THREAD);
	trace->others[trace->tid] = ids;
	ids = trace->others[tid];
	trace->tid = tid;
	trace->exec = ids.exec;
	trace->trigger = ids.trigger;
	trace->counter = ids.counter;
	trace->seq = ids.seq;
	trace->immediates = ids.immediates;
	trace->tick = ids.tick;
}

static inline void trace_feed(struct trace *trace, const struct event *event)
{
	assert_int_equal(engine_feed(trace->engine, event), 0);
}

static inline void trace_text(struct event *event, const char *text)
{
	event->text = text;
	event->text_len = (uint32_t)strlen(text);
}

static inline void trace_plain(struct trace *trace, enum nt_event_kind kind, uint64_t a, uint64_t b,
			       uint32_t arg)
{
	struct event event = trace_event(trace, kind);

	event.a = a;
	event.b = b;
	event.arg = arg;
	trace_feed(trace, &event);
}

static inline uint64_t trace_resource(struct trace *trace, const char *type)
{
	struct event event;

	trace->counter++;
	event = trace_event(trace, NT_EVENT_INIT);
	trace_text(&event, type);
	trace_feed(trace, &event);
	return trace->counter;
}

static inline void trace_scope(struct trace *trace, uint64_t address, uint64_t id, uint64_t trigger,
			       uint32_t flags)
{
	struct event event = trace_event(trace, NT_EVENT_SCOPE_OPEN);

	event.a = address;
	event.b = id;
	event.c = trigger;
	event.arg = flags;
	trace_feed(trace, &event);
	trace->exec = id;
	trace->trigger = trigger;
}

static inline void trace_close(struct trace *trace, uint64_t address)
{
	trace_plain(trace, NT_EVENT_SCOPE_CLOSE, address, 0, 0);
	trace->exec = trace->trigger = 0;
}

/* Headers of a request arrive; the handler's scope is open afterwards. */
static inline void trace_request(struct trace *trace, uint64_t parser, uint64_t stream,
				 uint64_t parser_id, const char *url)
{
	struct event event;

	event = trace_event(trace, NT_EVENT_MESSAGE_URL);
	event.a = parser;
	event.b = stream;
	event.arg = trace->age_us << 8;
	trace_text(&event, url);
	trace_feed(trace, &event);
	trace_plain(trace, NT_EVENT_MESSAGE_HEADERS, parser, 1 | 1 << 8, 0);
	trace_scope(trace, 0x7000, parser_id, 1, NT_SCOPE_SKIP_TASK_QUEUES);
}

static inline void trace_write(struct trace *trace, uint64_t stream, uint32_t status,
			       enum body_framing framing, uint64_t bytes, uint32_t flags)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_WRITE);

	event.a = stream;
	event.b = bytes;
	event.status = status;
	event.framing = framing;
	event.content_length = trace->content_length;
	event.head_length = status ? 100 : 0;
	event.arg = flags | (status ? NT_WRITE_RESPONSE_HEAD : 0);
	trace_feed(trace, &event);
}

/* A complete response in one write. */
static inline void trace_respond(struct trace *trace, uint64_t stream, uint32_t status)
{
	trace_write(trace, stream, status, BODY_LENGTH, 105, 0);
}

/* An fs.stat is submitted by whoever executes, from this stack or NULL. Returns the id of its
 * FSREQCALLBACK. */
static inline uint64_t trace_stat_from(struct trace *trace, uint64_t work, const char *path,
				       const struct stack *stack)
{
	uint64_t id = trace_resource(trace, "FSREQCALLBACK");
	struct event event = trace_event(trace, NT_EVENT_WORK_SUBMIT);

	event.a = work;
	event.b = 6 + 1;
	event.c = id;
	event.arg = NT_WORK_FS;
	event.stack = stack;
	trace_text(&event, path);
	trace_feed(trace, &event);
	return id;
}

static inline uint64_t trace_stat(struct trace *trace, uint64_t work, const char *path)
{
	return trace_stat_from(trace, work, path, NULL);
}

/* An fs.stat, not fed yet, whose stack tells n births. */
static inline struct event trace_stat_event(struct trace *trace, const char *path, uint32_t n)
{
	uint64_t id = trace_resource(trace, "FSREQCALLBACK");
	struct event event = trace_event(trace, NT_EVENT_WORK_SUBMIT);

	event.a = 0x9000 + trace->seq;
	event.b = 6 + 1;
	event.c = id;
	event.arg = NT_WORK_FS;
	event.n_births = n;
	trace_text(&event, path);
	return event;
}

/* The same, with these births on its stack, innermost first, all of closures of `function`, 0 unknown. */
static inline void trace_stat_seeing(struct trace *trace, const char *path, uint32_t n,
				     const uint32_t *born, uint32_t kinds, uint16_t function)
{
	struct event event = trace_stat_event(trace, path, n);

	event.birth_kinds = kinds;
	for (uint32_t i = 0; i < n; i++) {
		event.births[i] = event.seq - born[i];
		event.birth_functions[i] = function;
	}
	trace_feed(trace, &event);
}

/* The loop waited for 5 ms. */
static inline void trace_turn(struct trace *trace)
{
	struct event event = trace_event(trace, NT_EVENT_LOOP_TURN);

	event.has_ids = false;
	event.a = event.ts;
	trace->ts += 5 * MS;
	event.ts = trace->ts;
	trace_feed(trace, &event);
}

/* A timer of `delay` ms; `flags` are NT_TIMER_*. Returns its async id. */
static inline uint64_t trace_timeout(struct trace *trace, uint64_t delay, uint32_t flags)
{
	struct event event;

	trace->counter++;
	event = trace_event(trace, NT_EVENT_TIMER_NOW);
	event.a = trace->counter;
	event.b = delay;
	event.arg = flags;
	trace_feed(trace, &event);
	return trace->counter;
}

/* Whoever executes writes to a connection to some other server; id = async id of its socket. */
static inline void trace_client_write(struct trace *trace, uint64_t stream, uint64_t id)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_WRITE);

	event.a = stream;
	event.c = id;
	trace_feed(trace, &event);
}

/* Nothing is told for so long. */
static inline void trace_pass(struct trace *trace, uint64_t ns)
{
	trace->ts += ns;
	engine_tick(trace->engine, trace->ts);
}

static inline void trace_finish(struct trace *trace)
{
	trace_pass(trace, 2000 * MS);
	engine_finish(trace->engine, trace->ts);
}

/* The n requests on streams 0x2000 and up are answered, and nothing more comes. */
static inline void trace_answer_all(struct trace *trace, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		trace_respond(trace, 0x2000 + i, 200);
	trace_finish(trace);
}

static inline const struct request *trace_find(const struct trace *trace, const char *url)
{
	for (uint32_t i = 0; i < trace->n_requests; i++)
		if (!strcmp(trace->requests[i]->url, url))
			return trace->requests[i];
	return NULL;
}

static inline const struct op *trace_op(const struct request *request, const char *detail)
{
	for (uint32_t i = 0; request && i < request->n_ops; i++)
		if (!strcmp(request->ops[i].detail, detail))
			return &request->ops[i];
	return NULL;
}

/* n operations are nobody's, all for this reason. */
static inline void trace_assert_unowned(const struct trace *trace, uint32_t n,
					enum evidence evidence)
{
	assert_int_equal(trace->n_unowned, n);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(trace->unowned_evidence[i], evidence);
}

static inline struct totals trace_totals(const struct trace *trace)
{
	struct totals totals;

	engine_totals(trace->engine, &totals);
	return totals;
}

#endif
