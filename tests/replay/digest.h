/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What a capture says, as text that only changes when its meaning does: no times, no ids.
 *
 *   METHOD url status [flags]
 *     type detail evidence [marks]        an operation, below the one whose callback made it
 *
 * Marks: the operation's flags; "ran": its callback was seen on the event loop; "pool": a thread of the
 * pool worked on it; "late": it began after the response had ended; "xN": it stands for N; "in f < g":
 * the application's functions that started it, leaf first.
 */
#ifndef NT_TESTS_REPLAY_DIGEST_H
#define NT_TESTS_REPLAY_DIGEST_H

#include <stdio.h>

#include "tests/replay/capture.h"

/* Writes one operation as a line, `depth` levels deep. */
void digest_op(FILE *out, const struct op *op, unsigned int depth);
/* Writes all of a capture. */
void digest_write(FILE *out, const struct capture *capture);

#endif
