/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/ingest.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>

#include "aggregator/decode.h"
#include "aggregator/engine.h"
#include "aggregator/record.h"
#include "user/clock.h"
#include "user/data_watch.h"
#include "user/engine_setup.h"
#include "user/handoff.h"
#include "user/in_flight.h"
#include "user/log.h"
#include "user/loop_waits.h"
#include "user/naming.h"
#include "user/peers.h"
#include "user/session.h"
#include "user/source.h"
#include "user/verdicts.h"

#define TICK_NS      (100 * NS_PER_MS)
#define COUNTERS_NS  (500 * NS_PER_MS)
#define OPEN_NS      (250 * NS_PER_MS) /* as often as the view is drawn */
#define WAIT_MIN_MS  2
#define WAIT_MAX_MS  20
#define BUSY_RECORDS 256 /* found in one go: look again soon */

enum wish {
	WISH_RUN,
	WISH_FINISH,
	WISH_ABORT
};

struct ingest {
	struct ingest_setup setup;
	pthread_t thread;
	bool started;
	atomic_int wish; /* enum wish, set by the main thread … */
	uint64_t end_ns; /* … and before WISH_FINISH this: what is told of later is none of ours */
	int wake;        /* eventfd, written when the wish changes */

	/* The thread's alone. */
	struct source *source;
	struct naming *naming;
	struct engine *engine;
	struct recorder *recorder;
	struct verdicts *verdicts;
	struct decoder decoder;
	uint64_t start_ns; /* of this thread: a capture may begin anew after a pause */
	uint64_t last_tick_ns;
	uint64_t last_counters_ns;
	uint64_t last_open_ns;
	uint64_t kernel_lost; /* at last_counters_ns … */
	struct stack_gaps gaps;
	uint64_t damaged;  /* records that could not be decoded */
	bool memory_short; /* said so once */
};

static void on_request(void *user, struct request *request)
{
	struct ingest *in = user;

	(void)handoff_put_request(in->setup.handoff, request); /* drops are counted there */
}

static void on_unowned(void *user, const struct op *op)
{
	struct ingest *in = user;

	(void)handoff_put_unowned(in->setup.handoff, op);
}

static void tell_verdict(void *user, uint64_t stack, uint8_t verdict)
{
	const struct ingest *in = user;

	session_stack_verdict(in->setup.session, stack, verdict);
}

static void on_stack(void *user, uint64_t stack, enum nt_stack_verdict verdict)
{
	const struct ingest *in = user;

	verdicts_note(in->verdicts, stack, verdict);
}

static void stop_recording(struct ingest *in, int err)
{
	log_err(err, "cannot write to '%s', the recording ends here",
		in->setup.options->record_events);
	recorder_free(in->recorder);
	in->recorder = NULL;
}

static void feed(struct ingest *in, const struct event *event)
{
	int err;

	if (in->recorder) {
		err = recorder_event(in->recorder, event);
		if (err)
			stop_recording(in, err);
	}
	err = engine_feed(in->engine, event);
	if (err == -EBADMSG)
		in->damaged++;
	if (err == -ENOMEM && !in->memory_short) {
		log_warn("memory is short, requests are incomplete");
		in->memory_short = true;
	}
}

static void on_record(void *user, const void *record, size_t size)
{
	struct ingest *in = user;
	struct nt_event head;
	struct event event;

	if (size < sizeof(head)) {
		in->damaged++;
		return;
	}
	memcpy(&head, record, sizeof(head));
	if (head.kind == NT_EVENT_STACK && head.text_len <= size - sizeof(head)) {
		naming_add(in->naming, &head, (const char *)record + sizeof(head));
		return;
	}
	if (decode_event(&in->decoder, naming_stacks(in->naming), record, size, &event))
		in->damaged++;
	else
		feed(in, &event);
}

/* The engine knows of gaps between two events of a thread, the kernel side of all. */
static void publish_totals(struct ingest *in)
{
	uint64_t lost = in->kernel_lost + in->damaged;
	struct totals totals;

	engine_totals(in->engine, &totals);
	if (lost < source_lost(in->source))
		lost = source_lost(in->source);
	if (totals.lost < lost)
		totals.lost = lost;
	stack_gaps_add(&totals.stacks, &in->gaps);
	handoff_set_totals(in->setup.handoff, &totals);
}

static void on_wait(void *user, uint32_t tid, uint64_t since_ns)
{
	const struct ingest *in = user;
	bool ends = atomic_load(&in->wish) == WISH_FINISH;

	feed(user, &(struct event){.ts = ends ? in->end_ns : clock_monotonic_ns(),
				   .tid = tid,
				   .kind = NT_EVENT_LOOP_WAITS,
				   .a = since_ns,
				   .text = ""});
}

static void look_at_loops(struct ingest *in)
{
	loop_waits_read(session_threads_fd(in->setup.session),
			session_target(in->setup.session)->pid, in->start_ns, on_wait, in);
}

static void read_counters(struct ingest *in)
{
	in->kernel_lost = session_counter(in->setup.session, NT_COUNTER_LOST);
	naming_gaps(in->naming, &in->gaps);
}

static void tell_births(void *user, uint32_t tid, uint32_t seq)
{
	const struct ingest *in = user;

	session_births_since(in->setup.session, tid, seq);
}

/* until_ns: all events before it were fed, 0 unknown. The engine's time must not run ahead of them. */
static void tick(struct ingest *in, uint64_t now_ns, uint64_t until_ns)
{
	if (now_ns - in->last_tick_ns < TICK_NS)
		return;
	in->last_tick_ns = now_ns;
	if (until_ns)
		engine_tick(in->engine, until_ns);
	if (now_ns - in->last_counters_ns >= COUNTERS_NS) {
		in->last_counters_ns = now_ns;
		read_counters(in);
		session_look_at_threads(in->setup.session);
		look_at_loops(in);
	}
	publish_totals(in);
	if (now_ns - in->last_open_ns >= OPEN_NS) {
		in->last_open_ns = now_ns;
		in_flight_publish(in->engine, in->setup.handoff);
	}
}

/* until_ns as in tick(): 0 also says that there is more to read already. */
static void wait_for_more(const struct ingest *in, int n_read, uint64_t until_ns)
{
	struct pollfd pfds[] = {
		{.fd = in->wake, .events = POLLIN},
		{.fd = source_urgent_fd(in->source), .events = POLLIN},
	};

	if (until_ns)
		(void)poll(pfds, ARRAY_SIZE(pfds),
			   n_read >= BUSY_RECORDS ? WAIT_MIN_MS : WAIT_MAX_MS);
}

/* Reads until it is asked to do something else. */
static void run(struct ingest *in)
{
	uint64_t now_ns, until_ns;
	int n;

	while (atomic_load(&in->wish) == WISH_RUN) {
		now_ns = clock_monotonic_ns();
		n = source_read(in->source, now_ns, &until_ns);
		if (n < 0) {
			log_err(n, "cannot read the events");
			return;
		}
		if (n) /* at once: the less a collection looks for, the shorter it lasts */
			engine_births_since(in->engine, tell_births, in);
		tick(in, now_ns, until_ns);
		wait_for_more(in, n, until_ns);
	}
}

/* The probes are gone: what is left is finite. */
static void drain(struct ingest *in)
{
	while (atomic_load(&in->wish) != WISH_ABORT && source_drain(in->source) > 0)
		;
}

static void finish_recording(struct ingest *in, uint64_t end_ns)
{
	int err;

	if (!in->recorder)
		return;
	err = recorder_finish(in->recorder, in->kernel_lost, end_ns);
	if (!err && fflush(in->setup.record))
		err = -errno;
	if (err)
		stop_recording(in, err);
}

static void on_peer(void *user, uint32_t fd, const char *address)
{
	const struct ingest *in = user;

	feed(user, &(struct event){.ts = clock_monotonic_ns(),
				   .tid = (uint32_t)session_target(in->setup.session)->pid,
				   .kind = NT_EVENT_PEER,
				   .arg = fd,
				   .text = address,
				   .text_len = (uint32_t)strlen(address)});
}

static void on_listens(void *user, uint16_t port)
{
	(void)user;
	data_watch_listens(port);
}

static void *ingest_main(void *user)
{
	struct ingest *in = user;
	const struct peers_told told = {.found = on_peer, .listens = on_listens, .user = in};
	int err = peers_read(session_target(in->setup.session)->pid, &told);
	uint64_t end_ns;

	if (err)
		log_debug("connections older than the trace have no address: %s", strerror(-err));
	run(in);
	drain(in);
	read_counters(in);
	look_at_loops(in);
	end_ns = clock_monotonic_ns();
	if (atomic_load(&in->wish) != WISH_ABORT)
		engine_finish(in->engine, end_ns);
	finish_recording(in, end_ns);
	publish_totals(in);
	handoff_set_open(in->setup.handoff, NULL, 0);
	handoff_close(in->setup.handoff);
	return NULL;
}

static int open_recorder(struct ingest *in)
{
	const struct target *target = session_target(in->setup.session);
	const struct record_header header = {
		.pid = (uint32_t)target->pid,
		.node_version = target->layout.node_version,
		.program = "ntrace-bpf " NT_VERSION,
		.keep_query = in->setup.options->show_query,
		.start_ns = in->setup.start_ns,
		.start_unix_ns = in->setup.start_unix_ns,
	};

	return in->setup.record ? recorder_new(in->setup.record, &header, &in->recorder) : 0;
}

static int open_engine(struct ingest *in)
{
	const struct engine_output output = {
		.user = in,
		.on_request = on_request,
		.on_unowned = on_unowned,
		.on_stack = on_stack,
	};

	const struct target *target = session_target(in->setup.session);

	return engine_setup(in->setup.options, (uint32_t)target->pid, in->setup.serial_base,
			    &output, &in->engine);
}

static int open_parts(struct ingest *in)
{
	struct session *session = in->setup.session;
	int err;

	in->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (in->wake < 0)
		return -errno;
	in->decoder.keep_query = in->setup.options->show_query;
	err = naming_new(session, in->setup.options->source_maps, &in->naming);
	if (!err)
		in->decoder.spills = naming_spills(in->naming);
	in->verdicts = verdicts_new(tell_verdict, in);
	if (!err && !in->verdicts)
		err = -ENOMEM;
	if (!err)
		err = open_engine(in);
	if (!err)
		err = open_recorder(in);
	if (!err)
		err = source_open(session_transport(session), session_events_fd(session), on_record,
				  in, &in->source);
	return err;
}

int ingest_start(const struct ingest_setup *setup, struct ingest **ret_ingest)
{
	struct ingest *in;
	int err;

	in = calloc(1, sizeof(*in));
	if (!in)
		return -ENOMEM;
	in->wake = -1;
	in->setup = *setup;
	in->start_ns = clock_monotonic_ns();
	err = open_parts(in);
	if (!err)
		err = -pthread_create(&in->thread, NULL, ingest_main, in);
	if (err) {
		log_err(err, "cannot start reading events");
		ingest_free(in);
		return err;
	}
	in->started = true;
	*ret_ingest = in;
	return 0;
}

static void ask(struct ingest *in, enum wish wish)
{
	const uint64_t one = 1;

	atomic_store(&in->wish, wish);
	if (write(in->wake, &one, sizeof(one)) < 0)
		log_debug("the ingest thread is awake already");
}

void ingest_finish(struct ingest *in, uint64_t end_ns)
{
	if (atomic_load(&in->wish) != WISH_RUN)
		return;
	in->end_ns = end_ns;
	ask(in, WISH_FINISH);
}

void ingest_abort(struct ingest *in)
{
	ask(in, WISH_ABORT);
}

void ingest_release(struct ingest *in)
{
	if (in->started) {
		if (atomic_load(&in->wish) == WISH_RUN)
			ingest_abort(in);
		(void)pthread_join(in->thread, NULL);
	}
	in->started = false;
	source_close(in->source);
	in->source = NULL;
	recorder_free(in->recorder);
	in->recorder = NULL;
	engine_free(in->engine);
	in->engine = NULL;
	naming_release(in->naming);
}

void ingest_free(struct ingest *in)
{
	if (!in)
		return;
	ingest_release(in);
	naming_free(in->naming);
	free(in->verdicts);
	closep(&in->wake);
	free(in);
}
