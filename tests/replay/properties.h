/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What must hold of every recording, whatever it tells. */
#ifndef NT_TESTS_REPLAY_PROPERTIES_H
#define NT_TESTS_REPLAY_PROPERTIES_H

#include <stddef.h>

#include "tests/replay/capture.h"

/* Prints a sentence for each promise that the capture breaks. Returns how many. */
unsigned int properties_check(const struct capture *capture);

/* The same of a recording that is whole: less than 1 % of the requests' time is labelled `unknown`. */
unsigned int properties_check_known(const struct capture *capture);

/*
 * Replays the recording cut short at and around each block, with single bytes changed, and with events
 * left out: it must never crash, cut or changed data must be told, and what is whole must hold.
 */
unsigned int properties_check_damage(const void *data, size_t size,
				     const struct capture_options *options,
				     const struct capture *whole);

#endif
