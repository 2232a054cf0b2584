/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What a moment of a request's life went into. Each kind has a letter, so that no colour is needed. */
#ifndef NT_TUI_WAIT_KIND_H
#define NT_TUI_WAIT_KIND_H

#include "aggregator/request.h"
#include "tui/style.h"

/* X(NAME, letter, short text, text) */
#define WAIT_KINDS(X)                                                  \
	X(JS, 'j', "js", "JavaScript of its own")                      \
	X(READY, 'q', "ready", "ready to run, the event loop is busy") \
	X(QUEUE, 'p', "queue", "waits for a thread of the pool")       \
	X(WORK, 'w', "work", "a thread of the pool works on it")       \
	X(NET, 'n', "net", "network")                                  \
	X(TIMER, 't', "timer", "timer")                                \
	X(GC, 'g', "gc", "garbage collection")                         \
	X(CLIENT, 'c', "client", "the client sends or takes its time") \
	X(OTHER, 'o', "other", "another kind of operation")            \
	X(NONE, '?', "none", "no operation known to be open")

enum wait_kind {
#define WAIT_KIND_ENUM(name, letter, short_text, text) WAIT_##name,
	WAIT_KINDS(WAIT_KIND_ENUM)
#undef WAIT_KIND_ENUM
	WAIT_KIND_COUNT,
};

/* How a kind is told: in a cell, in a column, in words. */
char wait_kind_letter(enum wait_kind kind);
const char *wait_kind_name(enum wait_kind kind); /* short */
const char *wait_kind_text(enum wait_kind kind);
enum style wait_kind_style(enum wait_kind kind); /* of cells that are all of this kind */
enum style wait_kind_edge(enum wait_kind kind);  /* of block characters */

/* The kind that a label (aggregator/label.h) is shown as. */
enum wait_kind wait_kind_of_label(enum label label);
/* What an operation of this type waits for, as far as its name tells. */
enum wait_kind wait_kind_of_type(const char *type);

/* A stretch of one kind. */
struct phase {
	uint64_t start_ns;
	uint64_t end_ns;
	enum wait_kind kind;
};

#define OP_PHASES_MAX 4

/*
 * The operation's life without its callbacks: its wait, or for a job of the thread pool the time
 * before, in the queue, at work, and ready until its callback ran. Gapless from op->start_ns to
 * op_end_ns(). Returns the number of phases, at least 1.
 */
size_t op_phases(const struct request *request, const struct op *op,
		 struct phase ret_phases[OP_PHASES_MAX]);

/* What the operation did at this moment, its callbacks included. */
enum wait_kind op_kind_at(const struct request *request, const struct op *op, uint64_t ts);

#endif
