/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/frontend.h"

#include "symbolizer/base.h"

struct frontend {
	struct output *output;
};

int frontend_open(const struct options *options, const struct frontend_target *target,
		  struct frontend **ret_frontend)
{
	struct frontend *f;
	int err;

	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	err = output_open(options, target->start_ns, target->start_unix_ns, &f->output);
	if (err) {
		free(f);
		return err;
	}
	*ret_frontend = f;
	return 0;
}

enum output_state frontend_request(struct frontend *f, struct request *request)
{
	enum output_state state = output_request(f->output, request);

	request_free(request);
	return state;
}

enum output_state frontend_unowned(struct frontend *f, const struct op *op)
{
	return output_unowned(f->output, op);
}

enum output_state frontend_refresh(struct frontend *f, const struct totals *totals)
{
	(void)totals;
	return output_flush(f->output);
}

enum output_state frontend_input(struct frontend *f)
{
	(void)f;
	return OUTPUT_GOING;
}

void frontend_resize(struct frontend *f)
{
	(void)f;
}

int frontend_input_fd(const struct frontend *f)
{
	(void)f;
	return -1;
}

int frontend_output_fd(const struct frontend *f)
{
	return output_fd(f->output);
}

uint64_t frontend_shed(const struct frontend *f)
{
	(void)f;
	return 0;
}

enum output_state frontend_close(struct frontend *f, struct export_summary *summary)
{
	enum output_state state = output_close(f->output, summary);

	free(f);
	return state;
}
