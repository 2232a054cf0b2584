/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Which fields of struct event stand in a recording, and how: what record.c writes and replay.c
 * reads. Differences to the event before make small numbers of clocks, ids and addresses.
 */
#ifndef NT_AGGREGATOR_RECORD_COLUMNS_H
#define NT_AGGREGATOR_RECORD_COLUMNS_H

#define RECORD_SCHEMA     1
#define RECORD_MAX_EVENTS 1024 /* of a batch */

/* X(field of struct event and of RecordEvents, holds differences) */
#define RECORD_COLUMNS(X)        \
	X(ts, true)              \
	X(tid, false)            \
	X(seq, true)             \
	X(kind, false)           \
	X(arg, false)            \
	X(has_ids, false)        \
	X(tick, false)           \
	X(immediates, false)     \
	X(exec, true)            \
	X(trigger, true)         \
	X(counter, true)         \
	X(a, true)               \
	X(b, true)               \
	X(c, true)               \
	X(text_len, false)       \
	X(status, false)         \
	X(framing, false)        \
	X(content_length, false) \
	X(head_length, false)    \
	X(n_candidates, false)   \
	X(n_births, false)       \
	X(birth_kinds, false)    \
	X(entered, false)

enum record_column {
#define RECORD_COLUMN_ENUM(field, difference) RECORD_COLUMN_##field,
	RECORD_COLUMNS(RECORD_COLUMN_ENUM)
#undef RECORD_COLUMN_ENUM
	RECORD_COLUMN_COUNT,
};

#endif
