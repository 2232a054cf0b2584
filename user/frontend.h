/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What the user looks at: the terminal view, or a format written to a file. Live captures and
 * replays feed either through here. Owner: the main thread.
 */
#ifndef NT_USER_FRONTEND_H
#define NT_USER_FRONTEND_H

#include "user/options.h"
#include "user/output.h"

struct frontend;

/* What the capture is of, known once it is attached or opened. */
struct frontend_target {
	uint32_t pid;             /* the first */
	uint32_t n_pids;          /* may grow while they are followed; 0 and 1: one */
	uint32_t n_below;         /* Node.js processes below them that are not traced */
	const char *name;         /* script or executable */
	const char *node_version; /* "v20.20.2" */
	bool live;                /* not a recording */
	uint64_t start_ns;        /* CLOCK_MONOTONIC … */
	uint64_t start_unix_ns;   /* … and the wall clock then */
};

/* What a live capture does right now. */
enum frontend_phase {
	FRONTEND_LIVE,
	FRONTEND_PAUSED,
	FRONTEND_RESUMING,
	FRONTEND_ENDED, /* nothing comes any more */
};

/*
 * Opens the output file, or takes the terminal. Logs why when it fails, and returns a negative errno.
 * What `target` points to must outlive the frontend.
 */
int frontend_open(const struct options *options, const struct frontend_target *target,
		  struct frontend **ret_frontend);

/* Takes the request whatever happens. */
enum output_state frontend_request(struct frontend *frontend, struct request *request);
enum output_state frontend_unowned(struct frontend *frontend, const struct op *op);
/* The requests of this process that are in flight now. Takes the requests over, not the array. */
void frontend_open_requests(struct frontend *frontend, uint32_t pid, struct request **requests,
			    size_t n);
/* Whether it shows what is in flight. */
bool frontend_wants_open(const struct frontend *frontend);
/* After a batch, and some ten times a second for the view: shows what came. dropped:
 * requests that were lost on the way here. */
enum output_state frontend_refresh(struct frontend *frontend, const struct totals *totals,
				   uint64_t dropped);
void frontend_set_phase(struct frontend *frontend, enum frontend_phase phase);
/* Says this in the view until the next key. */
void frontend_tell(struct frontend *frontend, const char *text);
/* Whether the user wanted tracing to pause, or to go on, since the last call. */
bool frontend_take_pause(struct frontend *frontend);
/* Keys are waiting. */
enum output_state frontend_input(struct frontend *frontend);
/* The terminal has another size. */
void frontend_resize(struct frontend *frontend);

/* Ctrl-Z: gives the terminal back, stops the process, and takes it again when it goes on. */
void frontend_stop(struct frontend *frontend);

/* Descriptor to watch for keys, or -1. */
int frontend_input_fd(const struct frontend *frontend);
/* Descriptor to watch for the reader's end, or -1. */
int frontend_output_fd(const struct frontend *frontend);

/* Requests that were freed for lack of room. */
uint64_t frontend_shed(const struct frontend *frontend);

/* Ends the output and frees the frontend; gives the terminal back. Returns the final state. */
enum output_state frontend_close(struct frontend *frontend, struct export_summary *summary);

#endif
