/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The processes of one capture. Each has all of its own: session (programs, maps, probes), ingest
 * thread, engine, queue of finished requests; so addresses, file descriptors and thread ids of
 * different processes never meet, and one that ends takes nothing from the others.
 * Owner: the main thread.
 */
#ifndef NT_USER_TRACEES_H
#define NT_USER_TRACEES_H

#include <stdio.h>

#include "aggregator/request.h"
#include "user/exit_code.h"
#include "user/options.h"

struct handoff;
struct ingest;
struct session;

/* At the same time; more are not followed. */
#define TRACEES_MAX 64

struct tracee {
	struct session *session; /* NULL once it is over */
	struct handoff *handoff;
	struct ingest *ingest; /* kept to the end: requests point into it */
	pid_t pid;
	uint64_t serial_base; /* of its requests: see tracees_serial_base() */
	int pidfd;            /* the session's, -1 none */
	bool ended;           /* the process, and its probes are gone */
	bool over;            /* nothing comes any more */
	void *user;           /* of whoever watches it */
	struct totals totals; /* when it is over */
	uint64_t dropped;     /* requests on the way here … */
	uint64_t dropped_ops; /* … and operations of none */
};

struct tracees {
	struct tracee **items;
	size_t n;
	size_t capacity;
	size_t n_over;
};

/*
 * Attaches to every process of the options. Returns EXIT_CODE_OK; or has logged why not, and returns
 * the code. None is there when the user gave up meanwhile.
 */
enum exit_code tracees_open(const struct options *options, struct tracees *tracees);
/* Detaches what is left, ends the threads, frees everything. Requests must be gone. */
void tracees_done(struct tracees *tracees);

/* Adds a process; the session is taken over whatever happens. Returns 0 or -ENOMEM. */
int tracees_add(struct tracees *tracees, struct session *session, struct tracee **ret_tracee);

/*
 * The number below the serials of the next tracee of this id. Who is attached to again, after a pause,
 * has a new engine; its requests must not be mistaken for those of the engine before, whose events
 * may not all have been read yet. So each has a range of its own; all are below 2^40.
 */
uint64_t tracees_serial_base(const struct tracees *tracees, pid_t pid);

struct tracee_start {
	const struct options *options;
	FILE *record; /* NULL none */
	uint64_t start_ns;
	uint64_t start_unix_ns;
};

/* Starts reading the process's events. Logs why not, and returns a negative errno. */
int tracee_start(struct tracee *tracee, const struct tracee_start *start);
/* The process has ended, or it is enough: no probes from here on, and what is left is read. */
void tracee_finish(struct tracee *tracee);
/* Its queue is closed: keeps its figures, frees its kernel side. */
void tracee_over(struct tracees *tracees, struct tracee *tracee);

/* The same for all, at once: removing probes is waiting, so all wait together. */
void tracees_finish(struct tracees *tracees);
void tracees_abort(struct tracees *tracees);

/* True when no traced process lives any more. */
bool tracees_all_ended(const struct tracees *tracees);
/* Sums over all processes, those that have ended included. */
void tracees_totals(const struct tracees *tracees, struct totals *ret_totals);
/* Requests dropped on the way here. */
uint64_t tracees_dropped(const struct tracees *tracees);
/* The same of operations of no request. */
uint64_t tracees_dropped_ops(const struct tracees *tracees);

#endif
