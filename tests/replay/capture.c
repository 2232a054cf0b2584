/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tests/replay/capture.h"

#include <string.h>

#include "aggregator/replay.h"
#include "symbolizer/base.h"
#include "tests/replay/digest.h"

#define LINGER_NS  NS_PER_SEC
#define MAX_MEMORY (256ULL << 20)

static void on_request(void *user, struct request *request)
{
	struct capture *capture = user;
	size_t i = capture->n_requests;

	if (array_reserve(&capture->requests, &capture->capacity, i, sizeof(struct request *))) {
		request_free(request);
		return;
	}
	capture->n_requests++;
	/* they come as they finish */
	for (; i && capture->requests[i - 1]->id > request->id; i--)
		capture->requests[i] = capture->requests[i - 1];
	capture->requests[i] = request;
}

static void on_unowned(void *user, const struct op *op)
{
	struct capture *capture = user;

	digest_op(capture->unowned, op, 1);
}

static void note_event(struct capture *capture, const struct event *event)
{
	if (!capture->first_ns)
		capture->first_ns = event->ts;
	if (event->ts > capture->last_ns)
		capture->last_ns = event->ts;
	if (!event->has_ids)
		return;
	if (!capture->js_tid)
		capture->js_tid = event->tid;
	if (event->tid != capture->js_tid)
		capture->one_js_thread = false;
}

static int feed_all(struct capture *capture, struct engine *engine, uint64_t drop)
{
	struct event event;
	uint64_t number = 0;
	int n, err;

	while ((n = replay_next(capture->replay, &event)) > 0) {
		if (++number == drop)
			continue;
		note_event(capture, &event);
		err = engine_feed(engine, &event);
		if (err == -ENOMEM)
			return err;
		if (err)
			capture->rejected++;
	}
	capture->err = n;
	capture->complete = replay_complete(capture->replay);
	engine_finish(engine, capture->last_ns);
	engine_totals(engine, &capture->totals);
	return 0;
}

static int run_engine(struct capture *capture, const struct capture_options *options)
{
	const struct engine_options engine_options = {
		.pid = replay_header(capture->replay)->pid,
		.max_ops = options->max_ops,
		.linger_ns = LINGER_NS,
		.max_memory = MAX_MEMORY,
		.keep_unowned = true,
	};
	const struct engine_output output = {
		.user = capture, .on_request = on_request, .on_unowned = on_unowned};
	struct engine *engine;
	int err = engine_new(&engine_options, &output, &engine);

	if (err)
		return err;
	err = feed_all(capture, engine, options->drop);
	engine_free(engine);
	return err;
}

int capture_run(const void *data, size_t size, const struct capture_options *options,
		struct capture *ret_capture)
{
	struct capture capture = {.one_js_thread = true};
	int err = -ENOMEM;

	capture.unowned = open_memstream(&capture.unowned_text, &capture.unowned_len);
	capture.in = fmemopen((void *)(uintptr_t)data, size, "rb");
	if (!capture.unowned || !capture.in)
		goto out;
	err = replay_new(capture.in, &capture.replay);
	if (!err)
		err = run_engine(&capture, options);
	/* it writes to this struct, which is about to be copied */
	fclosep(&capture.unowned);
	capture.unowned = NULL;
out:
	if (err)
		capture_done(&capture);
	else
		*ret_capture = capture;
	return err;
}

void capture_done(struct capture *capture)
{
	for (size_t i = 0; i < capture->n_requests; i++)
		request_free(capture->requests[i]);
	free(capture->requests);
	fclosep(&capture->unowned);
	free(capture->unowned_text);
	replay_free(capture->replay);
	fclosep(&capture->in);
}
