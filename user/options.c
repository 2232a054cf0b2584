/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/options.h"

#include <argp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "aggregator/compress.h"
#include "aggregator/export/exporter.h"
#include "aggregator/filter.h"
#include "symbolizer/base.h"
#include "user/option_conflict.h"
#include "user/option_pids.h"
#include "user/option_word.h"
#include "user/output_name.h"
#include "user/units.h"

#define PROGRAM         "ntrace-bpf"
#define DEFAULT_NODES   5000
#define DEFAULT_HISTORY (64ULL << 20)
#define MIN_HISTORY     (1ULL << 20)

enum option_key {
	KEY_PID = 'p',
	KEY_DURATION = 'd',
	KEY_COUNT = 'c',
	KEY_OUTPUT = 'o',
	KEY_VERBOSE = 'v',
	KEY_VERSION = 'V',
	KEY_HELP = 'h',
	KEY_FORMAT = 0x100,
	KEY_FOLDED,
	KEY_MIN_DURATION,
	KEY_FILTER,
	KEY_SHOW_QUERY,
	KEY_COLLAPSE,
	KEY_ALL_OPS,
	KEY_MAX_NODES,
	KEY_TRANSPORT,
	KEY_HISTORY,
	KEY_NO_STACKS,
	KEY_NO_SOURCE_MAPS,
	KEY_PROMISES,
	KEY_RECORD_EVENTS,
	KEY_REPLAY,
	KEY_ASCII,
	KEY_OSC52,
	KEY_COLOUR,
	KEY_NO_CLOSURES,
	KEY_ATTACH,
	KEY_FOLLOW,
	KEY_JSON,
	KEY_ROUTE,
	KEY_CPU_SAMPLES,
	KEY_ON_CPU,
	KEY_NO_READY_TIMES,
};

/* clang-format off */
static const struct argp_option rows[] = {
	{ .doc = "What to trace:", .group = 1 },
	{ "pid", KEY_PID, "PID[,PID]", 0, "the Node.js process, or several; PID alone does as well", 1 },
	{ "follow", KEY_FOLLOW, NULL, 0, "also Node.js processes below them, started now or later", 1 },
	{ "duration", KEY_DURATION, "TIME", 0, "end after 10s, 500ms, 5m, 1h; a bare number is seconds", 1 },
	{ "count", KEY_COUNT, "COUNT", 0, "end after COUNT requests", 1 },
	{ "replay", KEY_REPLAY, "FILE", 0, "the same as view FILE: show a recording of --record-events; needs no privilege", 1 },

	{ .doc = "Which requests:", .group = 2 },
	{ "min-duration", KEY_MIN_DURATION, "TIME", 0, "only requests that took at least TIME (50ms, 1s; a bare number is ms)", 2 },
	{ "filter", KEY_FILTER, "EXPR", 0, "only requests that match, by method, path, protocol, status, dur, ops, cpu", 2 },

	{ .doc = "Output:", .group = 3 },
	{ "format", KEY_FORMAT, "FORMAT", 0, "text, ndjson, folded or routes; by the name of FILE when absent", 3 },
	{ "folded", KEY_FOLDED, "METRIC", OPTION_ARG_OPTIONAL, "folded stacks for flame graphs; METRIC is wall (the default), critical, cpu, loopq, poolq, total or count", 3 },
	{ "output", KEY_OUTPUT, "FILE", 0, "write to FILE, mode 0600; - is standard output", 3 },
	{ "route", KEY_ROUTE, "REGEX=NAME", 0, "paths that match are of this route; others by pattern: /users/42 is /users/:id", 3 },
	{ "show-query", KEY_SHOW_QUERY, NULL, 0, "keep query strings; they are dropped in the kernel otherwise", 3 },
	{ "collapse", KEY_COLLAPSE, "RULES", 0, "which operations become one: all, none, or short,siblings (all in the view, none in ndjson)", 3 },
	{ "all-ops", KEY_ALL_OPS, NULL, 0, "show node's own sockets, signals and the like as well", 3 },
	{ "ascii", KEY_ASCII, NULL, 0, "draw with ASCII characters only", 3 },
	{ "osc52", KEY_OSC52, NULL, 0, "y in the view copies, by way of the terminal", 3 },
	{ "color", KEY_COLOUR, "WHEN", 0, "auto, always or never; NO_COLOR is honoured", 3 },
	{ "colour", KEY_COLOUR, NULL, OPTION_ALIAS, NULL, 3 },
	{ "verbose", KEY_VERBOSE, NULL, 0, "say what is done; -vv with libbpf's messages", 3 },

	{ .doc = "Cost and limits:", .group = 4 },
	{ "max-nodes", KEY_MAX_NODES, "N", 0, "operations kept per request, more are folded (5000)", 4 },
	{ "history", KEY_HISTORY, "SIZE", 0, "memory for finished requests (64M)", 4 },
	{ "no-stacks", KEY_NO_STACKS, NULL, 0, "capture no stacks", 4 },
	{ "promises", KEY_PROMISES, "MODE", 0, "follow await and then: exact, cheap (half the probes, less certain) or off (exact)", 4 },
	{ "no-source-maps", KEY_NO_SOURCE_MAPS, NULL, 0, "show files and lines of compiled code as they run, not those it was compiled from", 4 },
	{ "no-closures", KEY_NO_CLOSURES, NULL, 0, "do not tell callbacks of pools and batches by what they close over", 4 },
	{ "cpu-samples", KEY_CPU_SAMPLES, "HZ", 0, "look HZ times a second where JavaScript is that computes; 0 never (99)", 4 },
	{ "on-cpu", KEY_ON_CPU, NULL, 0, "tell how long callbacks waited for a CPU that others had: preempted_ns in ndjson", 4 },
	{ "no-ready-times", KEY_NO_READY_TIMES, NULL, 0, "do not ask the kernel when data came to a socket: waits for the network then last until the event loop looks", 4 },
	{ "transport", KEY_TRANSPORT, "KIND", 0, "auto, ring or perf: the buffer between kernel and tracer (auto)", 4 },
	{ "attach", KEY_ATTACH, "KIND", OPTION_HIDDEN, "auto, multi or perf: how probes are placed", 4 },
	{ "json", KEY_JSON, NULL, 0, "doctor: for programs", 4 },
	{ "record-events", KEY_RECORD_EVENTS, "FILE", 0, "also write all events to FILE, for --replay", 4 },

	{ .doc = "About:", .group = 5 },
	{ "help", KEY_HELP, NULL, 0, "print this help", 5 },
	{ "version", KEY_VERSION, NULL, 0, "print the version", 5 },
	{ 0 },
};
/* clang-format on */

struct parser {
	struct options *options;
	bool metric_given;
	bool collapse_given;
	bool shown; /* help or version */
};

static int take_pids(struct options *options, const char *arg)
{
	char why[OPTION_WHY_LEN];

	return option_pids_add(options, arg, why, sizeof(why)) ? option_wrong("%s", why) : 0;
}

static int take_duration(const char *name, const char *arg, uint64_t bare_ns, uint64_t *ret_ns)
{
	if (units_duration(arg, bare_ns, ret_ns) || *ret_ns == 0)
		return option_wrong("%s wants a time such as 500ms, 10s or 5m, not '%s'", name,
				    arg);
	return 0;
}

static int take_number(const char *name, const char *arg, uint64_t max, uint64_t *ret_value)
{
	if (units_number(arg, 1, max, ret_value))
		return option_wrong("%s wants a number from 1 to %ju, not '%s'", name,
				    (uintmax_t)max, arg);
	return 0;
}

static int take_history(struct options *options, const char *arg)
{
	if (units_size(arg, &options->history) || options->history < MIN_HISTORY)
		return option_wrong(
			"--history wants a size of at least 1M, such as 64M or 1G, not '%s'", arg);
	return 0;
}

static int take_format(struct options *options, const char *arg)
{
	options->format = exporter_find(arg);
	if (!options->format)
		return option_wrong("--format is text, ndjson, folded or routes, not '%s'", arg);
	return 0;
}

static int take_folded(struct parser *parser, const char *arg)
{
	if (arg && folded_metric_find(arg, &parser->options->metric))
		return option_wrong("--folded has no metric '%s'; --help names them", arg);
	parser->metric_given = true;
	return 0;
}

static int take_filter(struct options *options, const char *arg)
{
	char error[256] = "out of memory";

	filter_free(options->filter);
	options->filter = NULL;
	options->filter_text = arg;
	if (filter_parse(arg, error, sizeof(error), &options->filter))
		return option_wrong("--filter: %s", error);
	return 0;
}

static int take_route(struct options *options, const char *arg)
{
	int err = options->rules ? 0 : route_rules_new(&options->rules);

	if (!err)
		err = route_rules_add(options->rules, arg);
	return err ? option_wrong("--route wants REGEX=NAME, not '%s'", arg) : 0;
}

static int take_collapse(struct parser *parser, const char *arg)
{
	if (compress_rules_find(arg, &parser->options->collapse))
		return option_wrong(
			"--collapse is all, none, short, siblings or short,siblings, not '%s'",
			arg);
	parser->collapse_given = true;
	return 0;
}

static int take_transport(struct options *options, const char *arg)
{
	static const char *const words[] = {"auto", "ring", "perf", NULL};
	int choice = 0;
	int err = option_word("transport", words, arg, &choice);

	options->transport = (enum transport_choice)choice;
	return err;
}

static int take_attach(struct options *options, const char *arg)
{
	static const char *const words[] = {"auto", "multi", "perf", NULL};
	int choice = 0;
	int err = option_word("attach", words, arg, &choice);

	options->attach = (enum attach_choice)choice;
	return err;
}

static int take_colour(struct options *options, const char *arg)
{
	static const char *const words[] = {"auto", "always", "never", NULL};
	int choice = 0;
	int err = option_word("color", words, arg, &choice);

	options->colour = (enum colour_choice)choice;
	return err;
}

static int take_promises(struct options *options, const char *arg)
{
	static const char *const words[] = {"off", "exact", "cheap", NULL};
	int choice = 0;
	int err = option_word("promises", words, arg, &choice);

	options->promises = (enum promises_mode)choice;
	return err;
}

static int take_max_nodes(struct options *options, const char *arg)
{
	uint64_t value;
	int err = take_number("--max-nodes", arg, 1000000, &value);

	if (!err)
		options->max_nodes = (uint32_t)value;
	return err;
}

static int take_cpu_samples(struct options *options, const char *arg)
{
	uint64_t value;

	if (units_number(arg, 0, 1000, &value))
		return option_wrong("--cpu-samples wants a number from 0 to 1000, not '%s'", arg);
	options->cpu_samples = (uint32_t)value;
	return 0;
}

static int take_path(const char *name, const char *arg, const char **ret_path)
{
	if (*arg == '\0')
		return option_wrong("%s wants the name of a file", name);
	*ret_path = arg;
	return 0;
}

/* Options without a value that set one field each. */
static const struct {
	int key;
	size_t field; /* a bool of struct options */
	bool value;
} switches[] = {
	{KEY_SHOW_QUERY, offsetof(struct options, show_query), true},
	{KEY_ALL_OPS, offsetof(struct options, all_ops), true},
	{KEY_ON_CPU, offsetof(struct options, on_cpu), true},
	{KEY_NO_READY_TIMES, offsetof(struct options, ready_times), false},
	{KEY_NO_STACKS, offsetof(struct options, stacks), false},
	{KEY_NO_CLOSURES, offsetof(struct options, closures), false},
	{KEY_NO_SOURCE_MAPS, offsetof(struct options, source_maps), false},
	{KEY_OSC52, offsetof(struct options, osc52), true},
	{KEY_ASCII, offsetof(struct options, ascii), true},
	{KEY_FOLLOW, offsetof(struct options, follow), true},
	{KEY_JSON, offsetof(struct options, json), true},
};

/* Options that set one field each. */
static int take_plain(int key, char *arg, struct options *options)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(switches); i++) {
		if (switches[i].key == key) {
			*(bool *)((char *)options + switches[i].field) = switches[i].value;
			return 0;
		}
	}
	switch (key) {
	case KEY_VERBOSE:
		options->verbosity++;
		return 0;
	case KEY_OUTPUT:
		return take_path("-o", arg, &options->output);
	case KEY_RECORD_EVENTS:
		return take_path("--record-events", arg, &options->record_events);
	case KEY_REPLAY:
		return take_path("--replay", arg, &options->replay);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Options whose argument is a number, a word or an expression. */
static int take_value(int key, const char *arg, struct options *options)
{
	char why[OPTION_WHY_LEN];

	switch (key) {
	case ARGP_KEY_ARG:
		return option_word_add(options, arg, why, sizeof(why)) ? option_wrong("%s", why)
								       : 0;
	case KEY_PID:
		return take_pids(options, arg);
	case KEY_DURATION:
		return take_duration("-d", arg, NS_PER_SEC, &options->duration_ns);
	case KEY_MIN_DURATION:
		return take_duration("--min-duration", arg, NS_PER_MS, &options->min_duration_ns);
	case KEY_COUNT:
		return take_number("-c", arg, UINT32_MAX, &options->count);
	case KEY_MAX_NODES:
		return take_max_nodes(options, arg);
	case KEY_HISTORY:
		return take_history(options, arg);
	case KEY_FORMAT:
		return take_format(options, arg);
	case KEY_FILTER:
		return take_filter(options, arg);
	case KEY_ROUTE:
		return take_route(options, arg);
	case KEY_TRANSPORT:
		return take_transport(options, arg);
	case KEY_ATTACH:
		return take_attach(options, arg);
	case KEY_COLOUR:
		return take_colour(options, arg);
	case KEY_PROMISES:
		return take_promises(options, arg);
	case KEY_CPU_SAMPLES:
		return take_cpu_samples(options, arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t take(int key, char *arg, struct argp_state *state)
{
	struct parser *parser = state->input;
	int err;

	switch (key) {
	case ARGP_KEY_INIT:
		/* getopt names the bad option; the pointer to --help is ours. */
		state->err_stream = NULL;
		return 0;
	case KEY_HELP:
		options_show_help(state->root_argp);
		parser->shown = true;
		return ECANCELED;
	case KEY_VERSION:
		(void)puts(PROGRAM " " NT_VERSION);
		parser->shown = true;
		return ECANCELED;
	case KEY_FOLDED:
		return take_folded(parser, arg);
	case KEY_COLLAPSE:
		return take_collapse(parser, arg);
	default:
		err = take_value(key, arg, parser->options);
		return err == ARGP_ERR_UNKNOWN ? take_plain(key, arg, parser->options) : err;
	}
}

static const struct argp argp = {
	.options = rows,
	.parser = take,
	.args_doc = "-p PID\nview FILE\ndoctor [-p PID]",
	.doc = options_doc,
};

/* Decides what was left open. */
static int settle(struct parser *parser)
{
	struct options *options = parser->options;
	const struct exporter_ops *folded = exporter_find("folded");

	if (parser->metric_given && options->format && options->format != folded)
		return option_wrong("--folded and --format %s exclude each other",
				    options->format->name);
	if (option_conflict(options))
		return option_wrong("%s", option_conflict(options));
	if (parser->metric_given)
		options->format = folded;
	options->view = !options->format && !options->output && options_has_terminal();
	if (!parser->collapse_given)
		options->collapse = options->view ? COMPRESS_ALL : COMPRESS_NONE;
	return output_name_choose(options);
}

enum options_result options_parse(int argc, char **argv, struct options *ret_options)
{
	static char name[] = PROGRAM;
	struct parser parser = {.options = ret_options};
	char **args;
	int err;

	*ret_options = (struct options){
		.max_nodes = DEFAULT_NODES,
		.history = DEFAULT_HISTORY,
		.stacks = true,
		.promises = PROMISES_EXACT,
		.source_maps = true,
		.closures = true,
		.ready_times = true,
		.cpu_samples = 99, /* not in step with what happens every 10 ms */
	};
	/* A copy, since argp reorders it and getopt's messages start with its first word. */
	args = calloc((size_t)argc + 1, sizeof(*args));
	if (!args)
		return OPTIONS_WRONG;
	memcpy(args, argv, (size_t)argc * sizeof(*args));
	args[0] = name;
	err = argp_parse(&argp, argc, args, ARGP_NO_EXIT | ARGP_NO_HELP, NULL, &parser);
	free(args);
	if (parser.shown)
		return OPTIONS_DONE;
	if (!err)
		err = settle(&parser);
	if (!err)
		return OPTIONS_RUN;
	(void)fputs("Try '" PROGRAM " --help' for more information.\n", stderr);
	return OPTIONS_WRONG;
}

void options_done(struct options *options)
{
	filter_free(options->filter);
	options->filter = NULL;
	route_rules_free(options->rules);
	options->rules = NULL;
}
