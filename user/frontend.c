/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/frontend.h"

#include "symbolizer/base.h"
#include "user/log.h"
#include "user/signals.h"
#include "user/terminal.h"

/* Exactly one of the two. */
struct frontend {
	struct output *output;
	struct terminal *terminal;
};

static int open_either(struct frontend *f, const struct options *options,
		       const struct frontend_target *target)
{
	int err;

	if (options->view) {
		err = terminal_open(options, target, &f->terminal);
		if (err != -ENOTTY)
			return err;
		log_warn("this terminal cannot show the view; writing lines instead");
	}
	return output_open(options, target->start_ns, target->start_unix_ns, &f->output);
}

int frontend_open(const struct options *options, const struct frontend_target *target,
		  struct frontend **ret_frontend)
{
	struct frontend *f;
	int err;

	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	err = open_either(f, options, target);
	if (err) {
		free(f);
		return err;
	}
	*ret_frontend = f;
	return 0;
}

enum output_state frontend_request(struct frontend *f, struct request *request)
{
	enum output_state state;

	if (f->terminal)
		return terminal_request(f->terminal, request);
	state = output_request(f->output, request);
	request_free(request);
	return state;
}

enum output_state frontend_unowned(struct frontend *f, const struct op *op)
{
	return f->terminal ? OUTPUT_GOING : output_unowned(f->output, op);
}

void frontend_open_requests(struct frontend *f, uint32_t pid, struct request **requests, size_t n)
{
	if (f->terminal) {
		terminal_open_requests(f->terminal, pid, requests, n);
		return;
	}
	while (n)
		request_free(requests[--n]);
}

bool frontend_wants_open(const struct frontend *f)
{
	return f->terminal != NULL;
}

enum output_state frontend_refresh(struct frontend *f, const struct totals *totals,
				   uint64_t dropped)
{
	return f->terminal ? terminal_refresh(f->terminal, totals, dropped)
			   : output_flush(f->output);
}

void frontend_set_phase(struct frontend *f, enum frontend_phase phase)
{
	if (f->terminal)
		terminal_set_phase(f->terminal, phase);
}

void frontend_tell(struct frontend *f, const char *text)
{
	if (f->terminal)
		terminal_tell(f->terminal, text);
}

bool frontend_take_pause(struct frontend *f)
{
	return f->terminal && terminal_take_pause(f->terminal);
}

enum output_state frontend_input(struct frontend *f)
{
	return f->terminal ? terminal_input(f->terminal) : OUTPUT_GOING;
}

void frontend_resize(struct frontend *f)
{
	if (f->terminal)
		terminal_resize(f->terminal);
}

void frontend_stop(struct frontend *f)
{
	if (f->terminal)
		terminal_suspend(f->terminal);
	signals_stop();
	if (f->terminal)
		terminal_resume(f->terminal);
}

int frontend_input_fd(const struct frontend *f)
{
	return f->terminal ? STDIN_FILENO : -1;
}

int frontend_output_fd(const struct frontend *f)
{
	return f->terminal ? STDOUT_FILENO : output_fd(f->output);
}

uint64_t frontend_shed(const struct frontend *f)
{
	return f->terminal ? terminal_shed(f->terminal) : 0;
}

enum output_state frontend_close(struct frontend *f, struct export_summary *summary)
{
	enum output_state state = OUTPUT_GOING;

	if (f->output)
		state = output_close(f->output, summary);
	terminal_close(f->terminal);
	free(f);
	return state;
}
