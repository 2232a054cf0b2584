/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Reads a recording: events come out as they went in. The file is hostile input: every size is
 * checked before it is used, and a truncated file gives all whole blocks before its end.
 */
#ifndef NT_AGGREGATOR_REPLAY_H
#define NT_AGGREGATOR_REPLAY_H

#include <stdio.h>

#include "aggregator/record.h"

struct replay;

/* Opens a recording on `in` (stays the caller's). Returns 0, -EBADMSG when it is none, or a negative errno. */
int replay_new(FILE *in, struct replay **ret_replay);
void replay_free(struct replay *replay);

/* Valid until replay_free(). */
const struct record_header *replay_header(const struct replay *replay);

/*
 * Returns 1 and the next event in *ret_event (text and stack valid until the next call / the
 * replay's end), 0 at the end, or -EBADMSG at damaged data (no event can follow).
 */
int replay_next(struct replay *replay, struct event *ret_event);

/* True when the footer was read: nothing is missing at the end. */
bool replay_complete(const struct replay *replay);
uint64_t replay_lost(const struct replay *replay);
/* When the capture ended, 0 unknown; told by the footer, too. */
uint64_t replay_end_ns(const struct replay *replay);

#endif
