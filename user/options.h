/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The command line, as a struct that is handed down as a const pointer. Nothing else in the program
 * looks at argv; the environment is looked at here (NO_COLOR, CLICOLOR_FORCE, TERM), in config_file.c (where
 * the home is) and in output_file.c (who called sudo).
 *
 * Adding an option is adding a row in options.c and a field here.
 */
#ifndef NT_USER_OPTIONS_H
#define NT_USER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "aggregator/folded.h"

struct exporter_ops;
struct filter;

enum transport_choice {
	TRANSPORT_AUTO,
	TRANSPORT_RING,
	TRANSPORT_PERF
};
enum attach_choice {
	ATTACH_AUTO,
	ATTACH_MULTI,
	ATTACH_PERF
};
enum colour_choice {
	COLOUR_AUTO,
	COLOUR_ALWAYS,
	COLOUR_NEVER
};

enum promises_mode {
	PROMISES_OFF,
	PROMISES_EXACT,
	PROMISES_CHEAP /* no probe where a continuation is made: who made it tells its address */
};

#define OPTIONS_MAX_PIDS 64

struct options {
	pid_t pid; /* the first */
	pid_t pids[OPTIONS_MAX_PIDS];
	size_t n_pids;
	bool doctor;          /* say what would work, and trace nothing */
	bool json;            /* … for programs */
	bool view_file;       /* the word view was given: a recording follows */
	bool follow;          /* node processes that they start, too */
	uint64_t duration_ns; /* 0 until asked to end */
	uint64_t count;       /* requests, 0 no limit */

	const char *output;                /* NULL or "-": standard output */
	const struct exporter_ops *format; /* never NULL */
	enum folded_metric metric;
	bool view; /* the terminal view instead of a format */
	bool ascii;
	bool osc52; /* the view may have the terminal copy */
	enum colour_choice colour;

	uint64_t min_duration_ns;
	struct filter *filter;     /* owned; NULL everything */
	const char *filter_text;   /* as it was typed, NULL none */
	struct route_rules *rules; /* owned; NULL none */
	bool show_query;

	uint32_t max_nodes;
	uint32_t collapse; /* enum compress_rule, of what is shown or written */
	bool all_ops;      /* node's own resources too */
	uint64_t history;  /* bytes */
	bool stacks;
	enum promises_mode promises;
	bool source_maps;
	bool closures;        /* needs promises */
	bool on_cpu;          /* tell when a callback was ready and another thread had its CPU */
	bool ready_times;     /* ask the kernel when data came to a socket */
	uint32_t cpu_samples; /* a second, of threads that are on the CPU; 0 none; needs stacks */
	enum transport_choice transport;
	enum attach_choice attach;

	const char *record_events; /* NULL none */
	const char *replay;        /* NULL live */
	int verbosity;
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_DONE,  /* help or version was printed */
	OPTIONS_WRONG, /* the mistake was printed on stderr */
};

/* Parses the command line into *ret_options, which keeps pointers into argv. Free with
 * options_done() whatever it returns. */
enum options_result options_parse(int argc, char **argv, struct options *ret_options);
void options_done(struct options *options);

/* Text for --help: what the program is for, and behind a vertical tab what follows the options. */
extern const char options_doc[];
struct argp;
/* Prints --help. */
void options_show_help(const struct argp *root);

/* Is standard output a terminal that curses can do something with? */
bool options_has_terminal(void);
/* Whether the stream behind `fd` gets colours. */
bool options_colour(const struct options *options, int fd);

#endif
