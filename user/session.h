/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * One live capture: the target, the loaded programs, the probes in place.
 *
 * Order of life: session_open() attaches; session_detach() removes the probes, after which no event
 * is added; the reader drains what is left; session_close() frees. A failure at any step leaves
 * nothing attached. Owner: the main thread; the ingest thread reads maps and target.
 */
#ifndef NT_USER_SESSION_H
#define NT_USER_SESSION_H

#include "bpf/config.h"
#include "user/exit_code.h"
#include "user/options.h"
#include "user/target.h"

struct session;

struct session_wish {
	const struct options *options;
	pid_t pid;
	size_t n_sessions; /* about how many there will be: they share memory for events */
	bool quiet;        /* a process that nobody named: failures are logged from -v on only */
};

/*
 * Attaches to a process. Returns EXIT_CODE_OK and *ret_session, or logs one sentence with cause and
 * remedy and returns the exit code. When the user asked to end in the meantime it returns
 * EXIT_CODE_OK and *ret_session is NULL.
 */
enum exit_code session_open(const struct session_wish *wish, struct session **ret_session);
/* Removes the probes. A second call does nothing. */
void session_detach(struct session *session);
void session_close(struct session *session);

/* The traced process; lives as long as the session. */
const struct target *session_target(const struct session *session);
/* Number of probes placed. */
size_t session_probe_count(const struct session *session);

/* How events come. */
enum nt_transport session_transport(const struct session *session);
/* Descriptor of the map that carries the events. */
int session_events_fd(const struct session *session);
/* Sum over all CPUs. */
uint64_t session_counter(const struct session *session, enum nt_counter counter);

/* Threads that run JavaScript whose samples, or whose times off the CPU, are missing. */
uint64_t session_unsampled(const struct session *session);

/* Tells the kernel side what operations with this stack are like: enum nt_stack_verdict, 0 nothing in
 * particular. */
void session_stack_verdict(const struct session *session, uint64_t stack, uint8_t verdict);

/* What the kernel side knows of a thread. Returns 0, or -ENOENT when it never met it. */
int session_thread(const struct session *session, uint32_t tid, struct nt_thread *ret_thread);

/* Tells the kernel side since which event of a thread births matter. */
void session_births_since(const struct session *session, uint32_t tid, uint32_t seq);

/* The map of struct nt_thread by thread id; the session's. */
int session_threads_fd(const struct session *session);

/* Samples threads that are new. Forgets the state of those that have ended: their ids are given to
 * others. To be called now and then. */
void session_look_at_threads(const struct session *session);

#endif
