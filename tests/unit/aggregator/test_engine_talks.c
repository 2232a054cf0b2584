/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What is said over a connection that many share, by code that waited for it: whose it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define SOCKET 60 /* async id of the connection */
#define CLIENT 0x3000
#define OWN    (NT_BIRTH_CONTEXT | NT_SIGHT_FRAME)

/* Two requests, open at once, and a connection that was there before. */
struct pair {
	struct trace trace;
	uint32_t born[2]; /* sequence numbers of the gaps in which their closures were made */
};

/* Somebody writes n bytes, called by closures that were born there, innermost first. */
static void say(struct trace *trace, uint64_t n, uint32_t n_born, const uint32_t *born)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_WRITE);

	event.a = CLIENT;
	event.b = n;
	event.c = SOCKET;
	event.arg = 9 << 8;
	event.n_births = n_born;
	for (uint32_t i = 0; i < n_born; i++) {
		event.births[i] = event.seq - born[i];
		event.birth_functions[i] = (uint16_t)(i + 1);
		event.birth_kinds |= OWN << 4 * i;
	}
	trace_feed(trace, &event);
}

static void begin(struct pair *pair)
{
	struct trace *trace = &pair->trace;
	struct event peer = {.kind = NT_EVENT_PEER, .tid = 1, .arg = 9};

	memset(pair, 0, sizeof(*pair));
	trace_init(trace, 100);
	trace_text(&peer, "10.0.0.9:80");
	trace_feed(trace, &peer);
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	for (uint32_t i = 0; i < 2; i++) { /* it serves many, and is seen to */
		trace_scope(trace, 0x8000, SOCKET, 0, 0);
		trace_close(trace, 0x8000);
	}
	for (uint32_t i = 0; i < 2; i++) {
		trace_request(trace, 0x1000 + i, 0x2000 + i, 50 + i, i ? "/second" : "/first");
		pair->born[i] = trace->seq;
		trace_close(trace, 0x7000);
	}
}

static void end(struct pair *pair)
{
	trace_answer_all(&pair->trace, 2);
}

/* Who said so many bytes; NULL when that is not in the request's tree. */
static const struct op *said(const struct pair *pair, const char *url, uint64_t n)
{
	const struct request *request = trace_find(&pair->trace, url);

	assert_non_null(request);
	for (uint32_t i = 0; i < request->n_ops; i++)
		if (request->ops[i].wire && request->ops[i].wire->bytes_out == n)
			return &request->ops[i];
	return NULL;
}

static void test_what_was_queued_is_of_who_queued_it(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair);
	trace_scope(&pair.trace, 0x8000, SOCKET, 0, 0);
	say(&pair.trace, 1000, 1, &pair.born[1]);
	trace_close(&pair.trace, 0x8000);
	trace_scope(&pair.trace, 0x8000, SOCKET, 0, 0);
	say(&pair.trace, 2000, 1, &pair.born[0]);
	trace_close(&pair.trace, 0x8000);
	end(&pair);
	assert_int_equal(said(&pair, "/second", 1000)->evidence, EVIDENCE_CLOSURE);
	assert_int_equal(said(&pair, "/first", 2000)->evidence, EVIDENCE_CLOSURE);
	assert_null(said(&pair, "/first", 1000));
	trace_done(&pair.trace);
}

/* In the callback the innermost closure is the one that says it; the outer one gave the connection back. */
static void test_the_one_that_waited_is_the_innermost(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair);
	trace_scope(&pair.trace, 0x8000, SOCKET, 0, 0);
	say(&pair.trace, 1000, 2, (const uint32_t[]){pair.born[1], pair.born[0]});
	trace_close(&pair.trace, 0x8000);
	end(&pair);
	assert_int_equal(said(&pair, "/second", 1000)->evidence, EVIDENCE_CLOSURE);
	assert_null(said(&pair, "/first", 1000));
	trace_done(&pair.trace);
}

/* One request gives the connection back, and the next that waited for it is called: the ids are wrong. */
static void test_what_is_said_while_another_goes_on_is_nobodys(void **state)
{
	struct pair pair;
	struct trace *trace = &pair.trace;

	(void)state;
	begin(&pair);
	trace_scope(trace, 0x7000, 50, 1, NT_SCOPE_SKIP_TASK_QUEUES);
	say(trace, 1000, 2, (const uint32_t[]){pair.born[1], pair.born[0]});
	say(trace, 2000, 1, &pair.born[0]);
	trace_close(trace, 0x7000);
	end(&pair);
	assert_null(said(&pair, "/first", 1000));
	assert_null(said(&pair, "/second", 1000));
	assert_non_null(said(&pair, "/first", 2000));
	trace_done(&pair.trace);
}

/* What is on the stack of the head of a request is as old as the connection, which was opened for another. */
static void test_the_head_of_a_request_is_of_whom_the_ids_say(void **state)
{
	struct pair pair;
	struct trace *trace = &pair.trace;
	struct event head;
	uint64_t id;

	(void)state;
	begin(&pair);
	trace_scope(trace, 0x7000, 50, 1, NT_SCOPE_SKIP_TASK_QUEUES);
	id = trace_resource(trace, "HTTPINCOMINGMESSAGE");
	trace_close(trace, 0x7000);
	trace_scope(trace, 0x9000, id, 50, 0);
	head = trace_event(trace, NT_EVENT_STREAM_WRITE);
	head.a = CLIENT + 1;
	head.b = 3000;
	head.c = SOCKET + 1;
	head.arg = NT_WRITE_REQUEST_HEAD;
	head.n_births = 1;
	head.births[0] = head.seq - pair.born[1];
	head.birth_functions[0] = 1;
	head.birth_kinds = OWN;
	trace_text(&head, "GET http://other/x");
	trace_feed(trace, &head);
	trace_close(trace, 0x9000);
	end(&pair);
	assert_non_null(said(&pair, "/first", 3000));
	assert_null(said(&pair, "/second", 3000));
	trace_done(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_queued_is_of_who_queued_it),
		cmocka_unit_test(test_the_one_that_waited_is_the_innermost),
		cmocka_unit_test(test_what_is_said_while_another_goes_on_is_nobodys),
		cmocka_unit_test(test_the_head_of_a_request_is_of_whom_the_ids_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
