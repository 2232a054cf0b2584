/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/tracees.h"

#include <pthread.h>

#include "symbolizer/base.h"
#include "user/clock.h"
#include "user/handoff.h"
#include "user/ingest.h"
#include "user/log.h"
#include "user/session.h"

#define HANDOFF_BYTES (64u << 20) /* of all processes together … */
#define HANDOFF_MIN   (8u << 20)  /* … but this much for each */
/* For one tracee: a year of 300 requests a second. */
#define SERIALS_EACH 10000000000ULL

/* Attaching to one of several processes. */
struct opening {
	struct session_wish wish;
	pthread_t thread;
	bool started;
	struct session *session;
	enum exit_code code;
};

static void *open_one(void *user)
{
	struct opening *opening = user;

	opening->code = session_open(&opening->wish, &opening->session);
	return NULL;
}

/* All at once: the kernel checks the programs of each, which takes most of the time. */
static void open_all(struct opening *openings, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		openings[i].started =
			!pthread_create(&openings[i].thread, NULL, open_one, &openings[i]);
	for (i = 0; i < n; i++)
		if (!openings[i].started)
			(void)open_one(&openings[i]);
	for (i = 1; i < n; i++)
		if (openings[i].started)
			(void)pthread_join(openings[i].thread, NULL);
}

/* The first failure counts; one that is NULL without a failure means that the user gave up. */
static enum exit_code gather(struct tracees *tracees, const struct opening *openings, size_t n,
			     bool *ret_gave_up)
{
	enum exit_code code = EXIT_CODE_OK;
	struct tracee *tracee;
	size_t i;

	for (i = 0; i < n; i++) {
		code = code ? code : openings[i].code;
		if (!openings[i].session)
			*ret_gave_up = true;
		else if (tracees_add(tracees, openings[i].session, &tracee))
			code = EXIT_CODE_FAILURE;
	}
	return code;
}

enum exit_code tracees_open(const struct options *options, struct tracees *tracees)
{
	struct opening *openings = calloc(options->n_pids, sizeof(*openings));
	enum exit_code code;
	bool gave_up = false;
	size_t i;

	if (!openings) {
		log_err(-ENOMEM, "cannot start");
		return EXIT_CODE_FAILURE;
	}
	for (i = 0; i < options->n_pids; i++)
		openings[i].wish = (struct session_wish){
			.options = options, .pid = options->pids[i], .n_sessions = options->n_pids};
	open_all(openings, options->n_pids);
	code = gather(tracees, openings, options->n_pids, &gave_up);
	free(openings);
	if (code || gave_up)
		tracees_done(tracees);
	return code;
}

uint64_t tracees_serial_base(const struct tracees *tracees, pid_t pid)
{
	uint64_t n = 0;

	for (size_t i = 0; i < tracees->n; i++)
		n += tracees->items[i]->pid == pid;
	return n * SERIALS_EACH;
}

int tracees_add(struct tracees *tracees, struct session *session, struct tracee **ret_tracee)
{
	const struct process *process = session_target(session)->process;
	struct tracee *tracee = calloc(1, sizeof(*tracee));

	if (!tracee || array_reserve(&tracees->items, &tracees->capacity, tracees->n,
				     sizeof(struct tracee *))) {
		free(tracee);
		session_close(session);
		return -ENOMEM;
	}
	tracee->session = session;
	tracee->pid = process_pid(process);
	tracee->pidfd = process_pidfd(process);
	tracee->serial_base = tracees_serial_base(tracees, tracee->pid);
	tracees->items[tracees->n++] = tracee;
	*ret_tracee = tracee;
	return 0;
}

int tracee_start(struct tracee *tracee, const struct tracee_start *start)
{
	size_t share = HANDOFF_BYTES / (start->options->n_pids ? start->options->n_pids : 1);
	struct ingest_setup setup = {
		.options = start->options,
		.session = tracee->session,
		.record = start->record,
		.start_ns = start->start_ns,
		.start_unix_ns = start->start_unix_ns,
		.serial_base = tracee->serial_base,
	};
	int err;

	err = handoff_new(share < HANDOFF_MIN ? HANDOFF_MIN : share, &tracee->handoff);
	if (err) {
		log_err(err, "cannot start reading events");
		return err;
	}
	setup.handoff = tracee->handoff;
	return ingest_start(&setup, &tracee->ingest);
}

void tracee_finish(struct tracee *tracee)
{
	uint64_t end_ns = clock_monotonic_ns();

	if (tracee->ended)
		return;
	tracee->ended = true;
	if (tracee->session)
		session_detach(tracee->session);
	if (tracee->ingest)
		ingest_finish(tracee->ingest, end_ns);
}

static void log_counters(const struct session *session)
{
	static const char *const texts[] = {
#define COUNTER_TEXT(name, text) [NT_COUNTER_##name] = (text),
		NT_COUNTERS(COUNTER_TEXT)
#undef COUNTER_TEXT
	};
	uint64_t value;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		value = session_counter(session, (enum nt_counter)i);
		if (value)
			log_debug("%s: %ju", texts[i], (uintmax_t)value);
	}
}

static void close_session(struct tracee *tracee)
{
	if (!tracee->session)
		return;
	session_detach(tracee->session);
	log_counters(tracee->session);
	session_close(tracee->session);
	tracee->session = NULL;
	tracee->pidfd = -1;
}

void tracee_over(struct tracees *tracees, struct tracee *tracee)
{
	if (tracee->over)
		return;
	tracee->over = true;
	tracees->n_over++;
	handoff_totals(tracee->handoff, &tracee->totals);
	tracee->dropped = handoff_dropped(tracee->handoff);
	tracee->dropped_ops = handoff_dropped_ops(tracee->handoff);
	ingest_release(tracee->ingest);
	close_session(tracee);
}

static void *finish_one(void *user)
{
	tracee_finish(user);
	return NULL;
}

void tracees_finish(struct tracees *tracees)
{
	pthread_t threads[TRACEES_MAX];
	bool started[TRACEES_MAX] = {false};
	size_t i, n = 0;

	/* The first in this thread: mostly it is the only one. */
	for (i = 1; i < tracees->n; i++) {
		struct tracee *tracee = tracees->items[i];

		if (tracee->ended || n == TRACEES_MAX ||
		    pthread_create(&threads[n], NULL, finish_one, tracee))
			tracee_finish(tracee);
		else
			started[n++] = true;
	}
	if (tracees->n)
		tracee_finish(tracees->items[0]);
	for (i = 0; i < n; i++)
		if (started[i])
			(void)pthread_join(threads[i], NULL);
}

void tracees_abort(struct tracees *tracees)
{
	size_t i;

	for (i = 0; i < tracees->n; i++)
		if (tracees->items[i]->ingest && !tracees->items[i]->over)
			ingest_abort(tracees->items[i]->ingest);
}

void tracees_done(struct tracees *tracees)
{
	size_t i;

	tracees_finish(tracees);
	for (i = 0; i < tracees->n; i++) {
		struct tracee *tracee = tracees->items[i];

		ingest_free(tracee->ingest);
		handoff_free(tracee->handoff);
		close_session(tracee);
		free(tracee);
	}
	free(tracees->items);
	*tracees = (struct tracees){0};
}

bool tracees_all_ended(const struct tracees *tracees)
{
	size_t i;

	for (i = 0; i < tracees->n; i++)
		if (!tracees->items[i]->ended)
			return false;
	return true;
}

static void add_totals(struct totals *sum, const struct totals *totals)
{
	size_t i;

	sum->events += totals->events;
	sum->lost += totals->lost;
	sum->requests += totals->requests;
	sum->ops += totals->ops;
	sum->ops_none += totals->ops_none;
	sum->ops_unknown += totals->ops_unknown;
	for (i = 0; i < EVIDENCE_COUNT; i++)
		sum->by_evidence[i] += totals->by_evidence[i];
	loop_totals_add(&sum->loop, &totals->loop);
	loops_add_all(&sum->loops, &totals->loops);
	pool_totals_add(&sum->pool, &totals->pool);
	if (stuck_loop_is_worse(&totals->stuck, &sum->stuck))
		sum->stuck = totals->stuck;
	sum->requests_open += totals->requests_open;
	sum->forgotten += totals->forgotten;
	sum->memory += totals->memory;
	stack_gaps_add(&sum->stacks, &totals->stacks);
}

void tracees_totals(const struct tracees *tracees, struct totals *ret_totals)
{
	struct totals sum = {0}, totals;
	size_t i;

	for (i = 0; i < tracees->n; i++) {
		const struct tracee *tracee = tracees->items[i];

		totals = tracee->totals;
		if (!tracee->over && tracee->handoff) {
			handoff_totals(tracee->handoff, &totals);
		} else { /* nobody works there any more, as far as is known */
			totals.pool = (struct pool_totals){0};
			totals.stuck = (struct stuck_loop){0};
		}
		add_totals(&sum, &totals);
	}
	*ret_totals = sum;
}

uint64_t tracees_dropped(const struct tracees *tracees)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < tracees->n; i++) {
		const struct tracee *tracee = tracees->items[i];

		sum += tracee->over || !tracee->handoff ? tracee->dropped
							: handoff_dropped(tracee->handoff);
	}
	return sum;
}

uint64_t tracees_dropped_ops(const struct tracees *tracees)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < tracees->n; i++) {
		const struct tracee *tracee = tracees->items[i];

		sum += tracee->over || !tracee->handoff ? tracee->dropped_ops
							: handoff_dropped_ops(tracee->handoff);
	}
	return sum;
}
