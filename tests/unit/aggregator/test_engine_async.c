/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Async functions as nodes of the tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "aggregator/op_types.h"
#include "aggregator/trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define APP       "/srv/app.js"

/* The names of functions and files are interned: what is equal is the same. */
static const char handler[] = "handler", load[] = "load", get_user[] = "getUser", app[] = APP;

#define BEGUN(name)                                                                \
	{                                                                          \
		.function = (name), .file = app, .line = 1, .kind = FRAME_JS_ASYNC \
	}
#define WAITING(name)                                                           \
	{                                                                       \
		.function = (name), .file = app, .line = 2, .kind = FRAME_ASYNC \
	}
#define RESUMED                                                                       \
	{                                                                             \
		.function = "AsyncFunctionAwaitResolveClosure", .kind = FRAME_BUILTIN \
	}
#define CPP                                                \
	{                                                  \
		.function = "uv_run", .kind = FRAME_NATIVE \
	}
#define INTERNAL                                                               \
	{                                                                      \
		.function = "readFile", .file = "node:internal/fs", .line = 3, \
		.kind = FRAME_JS_ASYNC                                         \
	}
#define PLAIN(name)                                                          \
	{                                                                    \
		.function = (name), .file = app, .line = 4, .kind = FRAME_JS \
	}

#define STACK(name, number, n, ...) \
	static const struct stack name = {.id = (number), .n_frames = (n), .frames = {__VA_ARGS__}}

STACK(in_handler, 1, 3, BEGUN(handler), PLAIN("onRequest"), CPP);
STACK(in_user, 2, 5, INTERNAL, BEGUN(get_user), BEGUN(load), BEGUN(handler), CPP);
STACK(user_later, 3, 5, BEGUN(get_user), RESUMED, CPP, WAITING(load), WAITING(handler));
STACK(load_later, 4, 4, BEGUN(load), RESUMED, CPP, WAITING(handler));
STACK(user_again, 5, 5, BEGUN(get_user), BEGUN(load), RESUMED, CPP, WAITING(handler));
STACK(load_from_handler, 6, 4, BEGUN(load), BEGUN(handler), RESUMED, CPP);
STACK(of_callback, 7, 2, PLAIN("onTimeout"), CPP);
STACK(all_of_them, 8, 6, BEGUN(get_user), RESUMED, CPP,
      {.function = "Promise.all (index 0)", .kind = FRAME_ASYNC}, WAITING(load), WAITING(handler));
STACK(nameless, 9, 1, {.function = "(anonymous)", .file = app, .line = 9, .kind = FRAME_JS_ASYNC});

/* An fs.stat by whoever executes, from there. */
static void stat_from(struct trace *trace, const char *path, const struct stack *stack)
{
	static uint64_t work = 0x9000;
	uint64_t id = trace_resource(trace, "FSREQCALLBACK");
	struct event event = trace_event(trace, NT_EVENT_WORK_SUBMIT);

	event.a = work += 0x100;
	event.b = 6 + 1;
	event.c = id;
	event.arg = NT_WORK_FS;
	event.stack = stack;
	trace_text(&event, path);
	trace_feed(trace, &event);
	trace_plain(trace, NT_EVENT_WORK_DONE, work, 0, 0);
}

static void registers(struct trace *trace, uint64_t token)
{
	trace_plain(trace, NT_EVENT_TOKEN_REGISTER, token, 0, NT_TOKEN_REACTION);
}

/* From here on the continuation runs. */
static void runs(struct trace *trace, uint64_t token)
{
	trace_plain(trace, NT_EVENT_TOKEN_RUN, token, 0, NT_TOKEN_REACTION);
}

static void begin(struct trace *trace)
{
	trace_init(trace, 100);
	trace_request(trace, PARSER, STREAM, PARSER_ID, "/");
}

/* The handler returned, its continuations follow. */
static void microtasks(struct trace *trace)
{
	trace_close(trace, 0x7000);
	trace_plain(trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
}

static const struct request *finish(struct trace *trace)
{
	trace_plain(trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace_respond(trace, STREAM, 200);
	trace_finish(trace);
	assert_int_equal(trace->n_requests, 1);
	return trace->requests[0];
}

/* "await handler() > await load() > /path" of an operation. */
static void assert_path(const struct request *request, const char *detail, const char *expected)
{
	const struct op *op = trace_op(request, detail);
	char path[512] = "", longer[512];

	assert_non_null(op);
	while (op->parent != OP_PARENT_REQUEST) {
		assert_true(op->parent < (uint32_t)(op - request->ops));
		op = &request->ops[op->parent];
		assert_true(snprintf(longer, sizeof(longer), "%s%s%s", op->detail, *path ? ">" : "",
				     path) < (int)sizeof(longer));
		memcpy(path, longer, sizeof(path));
	}
	assert_string_equal(path, expected);
}

static uint32_t count_nodes(const struct request *request)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < request->n_ops; i++) {
		const struct op *op = &request->ops[i];

		assert_int_equal(!op->count, !!(op->flags & OP_FUNCTION));
		if (!(op->flags & OP_FUNCTION))
			continue;
		assert_string_equal(op->type, OP_TYPE_AWAIT);
		assert_non_null(op->stack);
		assert_int_equal(op->n_runs, 0);
		n++;
	}
	return n;
}

static void test_operations_hang_on_the_functions_they_were_started_in(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	begin(&trace);
	stat_from(&trace, "/handler", &in_handler);
	stat_from(&trace, "/user", &in_user);
	stat_from(&trace, "/plain", &of_callback);
	stat_from(&trace, "/unknown", NULL);
	registers(&trace, 1);
	microtasks(&trace);
	runs(&trace, 1);
	stat_from(&trace, "/later", &user_later);
	request = finish(&trace);

	assert_path(request, "/handler", "handler()");
	assert_path(request, "/user", "handler()>load()>getUser()");
	assert_path(request, "/later", "handler()>load()>getUser()");
	assert_path(request, "/plain", "");
	assert_path(request, "/unknown", "");
	assert_int_equal(count_nodes(request), 3);
	assert_int_equal(request->n_ops, 8);
	assert_int_equal(request->n_ops_total, 5);
	assert_int_equal(trace_totals(&trace).ops, 5);
	trace_done(&trace);
}

static void test_a_function_lasts_from_its_first_to_its_last_operation(void **state)
{
	const struct op *node, *first, *last;
	const struct request *request;
	struct trace trace;

	(void)state;
	begin(&trace);
	stat_from(&trace, "/user", &in_user);
	registers(&trace, 1);
	microtasks(&trace);
	runs(&trace, 1);
	stat_from(&trace, "/later", &user_later);
	request = finish(&trace);

	node = trace_op(request, "getUser()");
	first = trace_op(request, "/user");
	last = trace_op(request, "/later");
	assert_non_null(node);
	assert_non_null(first);
	assert_non_null(last);
	assert_true(node->start_ns == first->start_ns && node->end_ns == last->end_ns);
	assert_int_equal(node->evidence, last->evidence);
	/* the function itself and its callers, without those of C++ and what it called */
	assert_int_equal(node->stack->n_frames, 3);
	assert_ptr_equal(node->stack->frames[0].function, get_user);
	assert_ptr_equal(node->stack->frames[2].function, handler);
	trace_done(&trace);
}

/* await load(); await load(): the second call began in a continuation of the handler. */
static void test_calls_one_after_the_other_are_nodes_of_their_own(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	begin(&trace);
	stat_from(&trace, "/1", &in_user);
	registers(&trace, 1);
	microtasks(&trace);
	runs(&trace, 1);
	stat_from(&trace, "/1later", &load_later);
	registers(&trace, 2);
	runs(&trace, 2);
	stat_from(&trace, "/2", &load_from_handler);
	registers(&trace, 3);
	runs(&trace, 3);
	stat_from(&trace, "/2later", &load_later);
	request = finish(&trace);

	assert_int_equal(count_nodes(request), 4); /* handler, load twice, getUser */
	assert_int_equal(trace_op(request, "/1later")->parent,
			 request->ops[trace_op(request, "/1")->parent].parent);
	assert_int_equal(trace_op(request, "/2later")->parent, trace_op(request, "/2")->parent);
	assert_int_not_equal(trace_op(request, "/2")->parent, trace_op(request, "/1later")->parent);
	trace_done(&trace);
}

/* Two that were begun apart and wait at the same time go on in turns. */
static void test_calls_at_the_same_time_keep_apart(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	begin(&trace);
	stat_from(&trace, "/a1", &in_user);
	registers(&trace, 1); /* of the first call */
	registers(&trace, 2); /* of the handler */
	microtasks(&trace);
	runs(&trace, 2);
	stat_from(&trace, "/b1", &load_from_handler);
	registers(&trace, 3); /* of the second call */
	runs(&trace, 1);
	stat_from(&trace, "/a2", &load_later);
	registers(&trace, 4);
	runs(&trace, 3);
	stat_from(&trace, "/b2", &load_later);
	runs(&trace, 4);
	stat_from(&trace, "/a3", &load_later);
	request = finish(&trace);

	assert_int_equal(trace_op(request, "/b2")->parent, trace_op(request, "/b1")->parent);
	assert_int_equal(trace_op(request, "/a3")->parent, trace_op(request, "/a2")->parent);
	assert_int_not_equal(trace_op(request, "/a2")->parent, trace_op(request, "/b2")->parent);
	trace_done(&trace);
}

/* Nothing was started before the first await: then all calls of a function are one node. */
static void test_calls_that_cannot_be_told_apart_are_one_node(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	begin(&trace);
	registers(&trace, 1);
	registers(&trace, 2);
	microtasks(&trace);
	runs(&trace, 1);
	stat_from(&trace, "/1", &user_later);
	runs(&trace, 2);
	stat_from(&trace, "/2", &all_of_them);
	request = finish(&trace);

	assert_int_equal(count_nodes(request), 3);
	assert_path(request, "/1", "handler()>load()>getUser()");
	assert_path(request, "/2", "handler()>load()>getUser()");
	trace_done(&trace);
}

static void test_a_call_within_a_resumed_function_hangs_on_it(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	begin(&trace);
	stat_from(&trace, "/load", &load_from_handler);
	registers(&trace, 1);
	microtasks(&trace);
	runs(&trace, 1);
	stat_from(&trace, "/user", &user_again);
	request = finish(&trace);

	assert_path(request, "/user", "handler()>load()>getUser()");
	assert_int_equal(count_nodes(request), 3);
	trace_done(&trace);
}

static void test_a_function_without_a_name_is_told_by_its_file(void **state)
{
	struct trace trace;

	(void)state;
	begin(&trace);
	stat_from(&trace, "/x", &nameless);
	microtasks(&trace);
	assert_path(finish(&trace), "/x", "(anonymous) app.js");
	trace_done(&trace);
}

/* What runs in the callback of an operation hangs on that; what it shares with it is not repeated. */
static void test_functions_above_the_parent_are_not_repeated(void **state)
{
	const struct request *request;
	struct trace trace;
	struct event event;
	uint64_t id;

	(void)state;
	begin(&trace);
	id = trace_resource(&trace, "FSREQCALLBACK");
	event = trace_event(&trace, NT_EVENT_WORK_SUBMIT);
	event.a = 0x8000;
	event.b = 6 + 1;
	event.c = id;
	event.arg = NT_WORK_FS;
	event.stack = &in_handler;
	trace_text(&event, "/parent");
	trace_feed(&trace, &event);
	trace_close(&trace, 0x7000);
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x8000, 0, 0);
	trace_scope(&trace, 0x7400, id, PARSER_ID, 0);
	stat_from(&trace, "/child", &in_user);
	trace_close(&trace, 0x7400);
	request = finish(&trace);

	assert_path(request, "/parent", "handler()");
	assert_path(request, "/child", "handler()>/parent>load()>getUser()");
	trace_done(&trace);
}

static void test_operations_beyond_the_limit_stay_folded(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	trace_init(&trace, 4);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/");
	for (int i = 0; i < 10; i++)
		stat_from(&trace, "/x", &in_user);
	microtasks(&trace);
	request = finish(&trace);

	assert_int_equal(count_nodes(request), 3);
	assert_int_equal(request->n_ops, 4 + 3 + 1);
	assert_true(request->ops[request->n_ops - 1].flags & OP_FOLDED);
	assert_int_equal(request->ops[request->n_ops - 1].count, 6);
	assert_int_equal(request->n_ops_total, 10);
	assert_int_equal(request_shown(request), 5);
	trace_done(&trace);
}

/* A function's own stack has so many callers and then says that there are more. */
static void test_callers_beyond_the_limit_are_marked(void **state)
{
	static const struct stack deep = {
		.id = 10,
		.n_frames = 19,
		.frames = {BEGUN(handler), PLAIN("a"), PLAIN("b"), PLAIN("c"), PLAIN("d"),
			   PLAIN("e"), PLAIN("f"), PLAIN("g"), PLAIN("h"), PLAIN("i"), PLAIN("j"),
			   PLAIN("k"), PLAIN("l"), PLAIN("m"), PLAIN("n"), PLAIN("o"), PLAIN("p"),
			   PLAIN("q"), CPP},
	};
	struct trace trace;
	const struct op *function;

	(void)state;
	begin(&trace);
	stat_from(&trace, "/a", &deep);
	stat_from(&trace, "/b", &in_handler);
	microtasks(&trace);
	function = trace_op(finish(&trace), "handler()");
	assert_non_null(function);
	assert_non_null(function->stack);
	assert_int_equal(function->stack->n_frames, 17);
	assert_string_equal(function->stack->frames[15].function, "o");
	assert_int_equal(function->stack->frames[16].kind, FRAME_CUT);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operations_hang_on_the_functions_they_were_started_in),
		cmocka_unit_test(test_callers_beyond_the_limit_are_marked),
		cmocka_unit_test(test_a_function_lasts_from_its_first_to_its_last_operation),
		cmocka_unit_test(test_calls_one_after_the_other_are_nodes_of_their_own),
		cmocka_unit_test(test_calls_at_the_same_time_keep_apart),
		cmocka_unit_test(test_calls_that_cannot_be_told_apart_are_one_node),
		cmocka_unit_test(test_a_call_within_a_resumed_function_hangs_on_it),
		cmocka_unit_test(test_a_function_without_a_name_is_told_by_its_file),
		cmocka_unit_test(test_functions_above_the_parent_are_not_repeated),
		cmocka_unit_test(test_operations_beyond_the_limit_stay_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
