/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/output.h"

#include <poll.h>

#include "aggregator/compress.h"
#include "aggregator/filter.h"
#include "symbolizer/base.h"
#include "user/log.h"
#include "user/output_file.h"

#define BUFFER_SIZE (64u << 10)

struct output {
	const struct options *options;
	struct exporter *exporter;
	FILE *file;
	uint64_t count;
	enum output_state state;
};

static const char *output_name(const struct options *options)
{
	return options->output ? options->output : "standard output";
}

static int open_exporter(struct output *o, uint64_t start_ns, uint64_t start_unix_ns)
{
	const struct export_options export_options = {
		.metric = o->options->metric,
		.rules = o->options->rules,
		.with_pid = o->options->n_pids > 1 || o->options->follow,
		.colour = options_colour(o->options, fileno(o->file)),
		.start_ns = start_ns,
		.start_unix_ns = start_unix_ns,
	};

	return o->options->format->open(o->file, &export_options, &o->exporter);
}

int output_open(const struct options *options, uint64_t start_ns, uint64_t start_unix_ns,
		struct output **ret_output)
{
	struct output *o;
	int err;

	o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	o->options = options;
	err = output_file_open(options->output, &o->file);
	if (err) {
		log_err(0, "cannot write to '%s': %s", output_name(options),
			output_file_error(err));
		goto out;
	}
	(void)setvbuf(o->file, NULL, _IOFBF, BUFFER_SIZE);
	err = open_exporter(o, start_ns, start_unix_ns);
	if (err)
		log_err(err, "cannot start the %s output", options->format->name);
out:
	if (err) {
		fclosep(&o->file);
		free(o);
		return err;
	}
	*ret_output = o;
	return 0;
}

static bool reader_gone(const struct output *o)
{
	struct pollfd pfd = {.fd = fileno(o->file)};

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLERR);
}

/* Turns the result of a write into the state; the first failure stays. */
static enum output_state settle(struct output *o, int err)
{
	if (!err && ferror(o->file))
		err = errno ? -errno : -EIO;
	if (!err || o->state == OUTPUT_GONE || o->state == OUTPUT_FAILED)
		return o->state;
	if (err == -EPIPE || reader_gone(o)) {
		o->state = OUTPUT_GONE;
	} else {
		o->state = OUTPUT_FAILED;
		log_err(err, "cannot write to '%s'", output_name(o->options));
	}
	return o->state;
}

bool output_wants(const struct options *options, const struct request *request)
{
	if (request_duration_ns(request) < options->min_duration_ns)
		return false;
	return filter_match(options->filter, request);
}

/* Writes the request as it was asked for; whole when memory is short. */
static int write_request(struct output *o, const struct request *request)
{
	const uint32_t rules = o->options->format->has_tree ? o->options->collapse : COMPRESS_NONE;
	struct request *compressed = NULL;
	int err;

	if (rules)
		(void)compress_request(request, rules, &compressed);
	err = o->options->format->request(o->exporter, compressed ? compressed : request);
	request_free(compressed);
	return err;
}

enum output_state output_request(struct output *o, const struct request *request)
{
	int err;

	if (o->state != OUTPUT_GOING || !output_wants(o->options, request))
		return o->state;
	err = write_request(o, request);
	o->count++;
	if (!err && o->options->count && o->count >= o->options->count)
		o->state = OUTPUT_ENOUGH;
	return settle(o, err);
}

enum output_state output_unowned(struct output *o, const struct op *op)
{
	if (o->state != OUTPUT_GOING || !o->options->format->unowned)
		return o->state;
	return settle(o, o->options->format->unowned(o->exporter, op));
}

enum output_state output_flush(struct output *o)
{
	errno = 0;
	return settle(o, fflush(o->file) ? -errno : 0);
}

int output_fd(const struct output *o)
{
	return fileno(o->file);
}

uint64_t output_count(const struct output *o)
{
	return o->count;
}

bool output_wants_unowned(const struct options *options)
{
	return !options->view && options->format->wants_unowned;
}

bool output_wants_labels(const struct options *options)
{
	const struct exporter_ops *format = options->format;

	return options->view || !format->wants_labels || format->wants_labels(options->metric);
}

enum output_state output_close(struct output *o, struct export_summary *summary)
{
	enum output_state state;

	errno = 0;
	(void)settle(o, o->options->format->close(o->exporter, summary));
	(void)output_flush(o);
	state = o->state;
	fclosep(&o->file);
	free(o);
	return state;
}
