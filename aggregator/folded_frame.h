/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A frame of folded stacks as text. */
#ifndef NT_AGGREGATOR_FOLDED_FRAME_H
#define NT_AGGREGATOR_FOLDED_FRAME_H

#include <stddef.h>

/* Makes a frame that flamegraph.pl takes as it is (folded.h), in place; there must be room for two more
 * bytes. Returns its length then. */
size_t folded_frame_clean(char *frame);

#endif
