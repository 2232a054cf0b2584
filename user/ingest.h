/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The ingest thread: reads records, resolves stacks, decodes, records, feeds the engine, and hands
 * finished requests over. It waits for no terminal, disk reader or peer.
 *
 * It owns everything it uses: source, decoder, engine, recorder, and the names of stacks (naming.h),
 * which lives until ingest_free() since requests point into it.
 */
#ifndef NT_USER_INGEST_H
#define NT_USER_INGEST_H

#include <stdint.h>
#include <stdio.h>

#include "user/options.h"

struct handoff;
struct ingest;
struct session;

struct ingest_setup {
	const struct options *options;
	struct session *session;
	struct handoff *handoff;
	FILE *record;         /* NULL none; stays the caller's */
	uint64_t serial_base; /* engine_options.serial_base */
	uint64_t start_ns;
	uint64_t start_unix_ns;
};

/* Starts the thread. Logs why when it cannot, and returns a negative errno. The setup is copied. */
int ingest_start(const struct ingest_setup *setup, struct ingest **ret_ingest);

/* Asks it to read what is left and to hand out what is open, flagged; it then closes the handoff.
 * Call after session_detach(), which was begun at end_ns. Does not wait. */
void ingest_finish(struct ingest *ingest, uint64_t end_ns);
/* Asks it to end at once, whatever is left. Does not wait. */
void ingest_abort(struct ingest *ingest);

/* Waits for the thread's end, then frees all that needs the session, which may be closed then. What
 * requests point to stays. */
void ingest_release(struct ingest *ingest);
/* The same, and frees the rest. Requests taken from the handoff must be gone. */
void ingest_free(struct ingest *ingest);

#endif
