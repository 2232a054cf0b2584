/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A live capture at work: the inside of run_live.c, shared with live_pause.c. Owner: the main thread. */
#ifndef NT_USER_LIVE_H
#define NT_USER_LIVE_H

#include <limits.h>

#include "user/frontend.h"
#include "user/stuck_watch.h"
#include "user/tracees.h"

struct follow;
struct handoff_item;
struct loop;
struct resume;

struct live {
	const struct options *options;
	struct tracees tracees;
	struct follow *follow; /* NULL none */
	struct frontend *frontend;
	struct loop *loop;
	FILE *record;
	int signals;
	struct frontend_target target;
	char name[PATH_MAX];
	char node_version[32];
	struct stuck_watch stuck;
	uint64_t n_requests;   /* the highest number so far */
	bool renumber;         /* several number their own from 1: they are numbered here */
	uint64_t end_ns;       /* when it began to finish */
	uint64_t start_cpu_ns; /* attaching is paid once, not in the share of the capture */
	enum exit_code code;
	bool finishing;        /* probes are gone, the rest is being read */
	bool lingers;          /* nothing is left to trace, but to look at */
	bool paused;           /* probes are gone for a while */
	struct resume *resume; /* under way, NULL none */
	pid_t paused_pids[TRACEES_MAX];
	size_t n_paused;
};

/* Removes the probes and reads what is left. The loop ends when all is read. */
void live_finish(struct live *live);
/* The same because nothing is left to trace: the view stays until the user leaves it. */
void live_linger(struct live *live);
/* Ends the loop when nothing comes any more and nobody looks. */
void live_quit_when_over(struct live *live);
/* Does what the frontend wants. */
void live_heed(struct live *live, enum output_state state);
/* Traces one more process; takes the session over. Returns 0 or a negative errno. */
int live_join(struct live *live, struct session *session);

/* live_requests.c: hands out what has finished, and frees the items. */
void live_take_items(struct live *live, struct handoff_item *items);
/* live_requests.c: and what is in flight, of those who have something new. */
void live_take_open(struct live *live);

/* live_pause.c: removes all probes, or attaches again to the same processes. */
void live_toggle_pause(struct live *live);
/* A process that came while it is paused waits with the others; takes the session over. */
void live_pause_also(struct live *live, struct session *session);

#endif
