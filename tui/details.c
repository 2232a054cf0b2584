/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/details.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "aggregator/folded.h"
#include "aggregator/text.h"
#include "symbolizer/base.h"
#include "tui/format.h"
#include "tui/icicle_layout.h"
#include "tui/wait_kind.h"

#define NAME_WIDTH 11
#define TEXT_LEN   512
#define FLAGS_LEN  96
#define MAX_WAITS  8

struct pane {
	struct canvas *canvas;
	struct area area;
	int top;   /* first line that is shown */
	int lines; /* so far */
};

static void __attribute__((format(printf, 3, 4)))
add(struct pane *pane, const char *name, const char *format, ...)
{
	int row = pane->lines++ - pane->top;
	int col = pane->area.col + 1;
	char text[TEXT_LEN];
	va_list args;

	if (row < 0 || row >= pane->area.rows)
		return;
	row += pane->area.row;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text[text_boundary(text, strnlen(text, sizeof(text) - 1))] = '\0';
	(void)canvas_text(pane->canvas, row, col, NAME_WIDTH, STYLE_DIM, name);
	(void)canvas_text(pane->canvas, row, col + NAME_WIDTH, pane->area.cols - NAME_WIDTH - 1,
			  STYLE_PLAIN, text);
}

/* A moment, relative to the start of the request: "+258.7ms". */
static const char *print_moment(const struct request *request, uint64_t ts, char *text)
{
	char duration[FORMAT_LEN];
	bool before = ts < request->start_ns;
	uint64_t distance_ns = before ? request->start_ns - ts : ts - request->start_ns;

	(void)snprintf(text, FORMAT_LEN, "%c%s", before ? '-' : '+',
		       format_duration(distance_ns, duration));
	return text;
}

static uint64_t between(uint64_t start_ns, uint64_t end_ns)
{
	return end_ns > start_ns ? end_ns - start_ns : 0;
}

static void add_type(struct pane *pane, const struct op *op)
{
	char async_id[FORMAT_LEN] = "unknown";

	if (op->flags & OP_FUNCTION) {
		add(pane, "function", "async %s", op->detail);
		return;
	}
	if (op->async_id)
		(void)snprintf(async_id, sizeof(async_id), "%" PRIu64, op->async_id);
	add(pane, "type", "%s%s%s  async id %s  operation %" PRIu64, op->type,
	    op->wrap ? "  wrap " : "", op->wrap ? op->wrap : "", async_id, op->id);
	if (op->detail[0])
		add(pane, "detail", "%s", op->detail);
}

static void add_times(struct pane *pane, const struct request *request, const struct op *op)
{
	char start[FORMAT_LEN];
	char end[FORMAT_LEN];
	char took[FORMAT_LEN];

	(void)print_moment(request, op->start_ns, start);
	if (op->flags & OP_FUNCTION && op->end_ns)
		add(pane, "time", "its first operation began %s  its last ended %s  took %s", start,
		    print_moment(request, op->end_ns, end),
		    format_duration(between(op->start_ns, op->end_ns), took));
	else if (op->end_ns)
		add(pane, "time", "created %s  ended %s  took %s", start,
		    print_moment(request, op->end_ns, end),
		    format_duration(between(op->start_ns, op->end_ns), took));
	else
		add(pane, "time", "created %s  had not ended when the request %s", start,
		    request->flags & REQUEST_OPEN ? "was looked at" : "was closed");
}

static void add_pool(struct pane *pane, const struct op *op)
{
	char queue[FORMAT_LEN];
	char run[FORMAT_LEN];
	char ready[FORMAT_LEN];

	if (op->flags & OP_IO_URING)
		add(pane, "pool", "not asked: done by the kernel (io_uring)");
	if (!op->queued_ns)
		return;
	if (!op->started_ns) {
		add(pane, "pool", "queued, and no thread of the pool was seen to take it");
		return;
	}
	(void)format_duration(between(op->queued_ns, op->started_ns), queue);
	if (!op->finished_ns) {
		add(pane, "pool", "in queue %s  then taken by thread %" PRIu32, queue,
		    op->pool_tid);
		return;
	}
	(void)format_duration(between(op->started_ns, op->finished_ns), run);
	if (op->n_runs && op->runs[0].start_ns >= op->finished_ns)
		add(pane, "pool", "in queue %s  ran %s on thread %" PRIu32 "  callback %s later",
		    queue, run, op->pool_tid,
		    format_duration(op->runs[0].start_ns - op->finished_ns, ready));
	else
		add(pane, "pool", "in queue %s  ran %s on thread %" PRIu32, queue, run,
		    op->pool_tid);
}

/* What it did on its connection to another server. */
static void add_wire(struct pane *pane, const struct request *request, const struct op *op)
{
	const struct op_wire *wire = op->wire;
	char connect[FORMAT_LEN];
	char first[FORMAT_LEN];

	if (!wire)
		return;
	if (wire->connect_ns && wire->connected_ns)
		add(pane, "connection", "opened for it in %s",
		    format_duration(wire->connected_ns - wire->connect_ns, connect));
	if (wire->agent_ns)
		add(pane, "agent", "waited %s in its queue for a connection",
		    format_duration(between(op->start_ns, wire->agent_ns), connect));
	if (wire->first_byte_ns)
		add(pane, "answer", "status %" PRIu32 "  first byte %s  %s after the request",
		    wire->status, print_moment(request, wire->first_byte_ns, connect),
		    format_duration(between(wire->written_ns, wire->first_byte_ns), first));
	if (wire->round_trips)
		add(pane, "bytes", "%" PRIu64 " out  %" PRIu64 " in  %" PRIu32 " round trip%s",
		    wire->bytes_out, wire->bytes_in, wire->round_trips,
		    wire->round_trips == 1 ? "" : "s");
}

static void add_runs(struct pane *pane, const char *name, const struct request *request,
		     const struct span *runs, uint32_t n)
{
	char text[TEXT_LEN] = "";
	char sum[FORMAT_LEN];
	uint64_t sum_ns = 0;
	size_t len = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		char at[FORMAT_LEN];
		char took[FORMAT_LEN];
		int added;

		sum_ns += between(runs[i].start_ns, runs[i].end_ns);
		if (len + 2 * FORMAT_LEN >= sizeof(text))
			continue;
		added = snprintf(text + len, sizeof(text) - len, "  at %s %s",
				 print_moment(request, runs[i].start_ns, at),
				 format_duration(between(runs[i].start_ns, runs[i].end_ns), took));
		len += (size_t)added;
	}
	if (n == 0)
		add(pane, name, "none was seen");
	else
		add(pane, name, "%" PRIu32 " in %s%s", n, format_duration(sum_ns, sum), text);
}

/* Of siblings that were merged. */
static void add_sums(struct pane *pane, const struct op *op)
{
	const struct op_sums *sums = op->sums;
	char sum[FORMAT_LEN], min[FORMAT_LEN], max[FORMAT_LEN];

	if (!sums)
		return;
	add(pane, "together", "%" PRIu32 " operations took %s, %s to %s each", op->count,
	    format_duration(sums->elapsed_ns, sum), format_duration(sums->min_ns, min),
	    format_duration(sums->max_ns, max));
	if (sums->queued_ns || sums->pool_ns)
		add(pane, "pool", "in queue %s  ran %s, summed up",
		    format_duration(sums->queued_ns, sum), format_duration(sums->pool_ns, max));
}

static void add_inlined(struct pane *pane, const struct inlined *inlined)
{
	char sum[FORMAT_LEN];

	if (inlined->count)
		add(pane, "short", "%" PRIu32 " not shown, %s together", inlined->count,
		    format_duration(inlined->elapsed_ns, sum));
}

static void add_origin(struct pane *pane, const struct request *request, const struct op *op)
{
	char label[TEXT_LEN] = "the handler of the request";
	char flags[FLAGS_LEN];

	if (op->parent < request->n_ops)
		(void)op_label(&request->ops[op->parent], label, sizeof(label));
	add(pane, "parent", "%s", label);
	(void)op_flags_print(op->flags, ", ", flags, sizeof(flags));
	add(pane, "evidence", "%s%s%s", evidence_name(op->evidence), flags[0] ? "  flags " : "",
	    flags);
	if (op->count > 1 && !op->sums)
		add(pane, "count", "stands for %" PRIu32 " operations", op->count);
	add_sums(pane, op);
	add_inlined(pane, &op->inlined);
}

/* One who waits, as V8 writes it. */
static void add_async_frame(struct pane *pane, const char *name, const struct frame *frame)
{
	if (frame->file && frame->line)
		add(pane, name, "async %s (%s:%" PRIu32 ":%" PRIu32 ")", frame->function,
		    frame->file, frame->line, frame->column);
	else if (frame->file)
		add(pane, name, "async %s (%s)", frame->function, frame->file);
	else
		add(pane, name, "async %s", frame->function);
}

static void add_frame(struct pane *pane, const char *name, const struct frame *frame)
{
	if (frame->kind == FRAME_ASYNC)
		add_async_frame(pane, name, frame);
	else if (frame->kind == FRAME_CUT)
		add(pane, name, "(truncated: there are more frames than are kept)");
	else if (frame->file && frame->line && frame->of_function)
		add(pane, name, "%s  %s (the function's line %" PRIu32 ")", frame->function,
		    frame->file, frame->line);
	else if (frame->file && frame->line)
		add(pane, name, "%s  %s:%" PRIu32 ":%" PRIu32, frame->function, frame->file,
		    frame->line, frame->column);
	else if (frame->file)
		add(pane, name, "%s  %s", frame->function, frame->file);
	else
		add(pane, name, "%s  0x%" PRIx64, frame->function, frame->address);
}

/* Frames that the user did not write. */
static bool internal(const struct frame *frame)
{
	return frame_is_of_node(frame) || frame->kind == FRAME_NATIVE ||
	       frame->kind == FRAME_BUILTIN;
}

/* Number of frames from `first` on that can be told in one line. */
static uint32_t internal_run(const struct stack *stack, uint32_t first)
{
	uint32_t i = first;

	while (i < stack->n_frames && internal(&stack->frames[i]))
		i++;
	/* Nothing but such frames is better than nothing. */
	return i - first == stack->n_frames ? 0 : i - first;
}

static void add_stack(struct pane *pane, const struct stack *stack)
{
	const char *name = "created at";
	uint32_t run;
	uint32_t i;

	if (!stack || stack->n_frames == 0)
		add(pane, name, "unknown");
	for (i = 0; stack && i<stack->n_frames; i += run> 1 ? run : 1) {
		run = internal_run(stack, i);
		if (run > 1)
			add(pane, name, "(%" PRIu32 " frames of node)", run);
		else
			add_frame(pane, name, &stack->frames[i]);
		name = "";
	}
}

/* Has it started something that is open as well? Then that is what is waited for. */
static bool has_open_child(const struct request *request, uint32_t op)
{
	uint32_t i;

	for (i = op + 1; i < request->n_ops; i++) {
		if (request->ops[i].parent == op && request->ops[i].flags & OP_OPEN)
			return true;
	}
	return false;
}

/* When the wait it is in began: the last of its phases. */
static uint64_t wait_since(const struct request *request, const struct op *op, enum wait_kind kind)
{
	struct phase phases[OP_PHASES_MAX];
	size_t n = op_phases(request, op, phases);

	return phases[n - 1].kind == kind ? phases[n - 1].start_ns : op->start_ns;
}

/* Of a request in flight: what each branch waits for right now. */
static void add_waits(struct pane *pane, const struct request *request)
{
	char label[TEXT_LEN];
	char since[FORMAT_LEN];
	const char *name = "waits for";
	uint32_t i;
	int lines = 0;

	for (i = 0; i < request->n_ops && request->flags & REQUEST_OPEN; i++) {
		const struct op *op = &request->ops[i];
		enum wait_kind kind;

		if (!(op->flags & OP_OPEN) || has_open_child(request, i))
			continue;
		if (lines++ == MAX_WAITS)
			break;
		kind = op_kind_at(request, op, request->end_ns ? request->end_ns - 1 : 0);
		(void)op_label(op, label, sizeof(label));
		add(pane, name, "%c %s  since %s: %s", wait_kind_letter(kind), wait_kind_text(kind),
		    format_duration(between(wait_since(request, op, kind), request->end_ns), since),
		    label);
		name = "";
	}
	if (lines > MAX_WAITS)
		add(pane, "", "and for more");
	if (!lines && request->flags & REQUEST_OPEN)
		add(pane, name, "nothing that is known");
}

static void add_side(struct pane *pane, const char *name, const struct websocket_side *side)
{
	uint64_t control = side->pings + side->pongs + side->closes;
	char bytes[FORMAT_LEN];

	add(pane, name,
	    "%s%" PRIu64 " messages (%" PRIu64 " text, %" PRIu64 " binary%s)  %s  %" PRIu64
	    " pings, pongs and closes",
	    side->at_least ? "at least " : "", side->text + side->binary, side->text, side->binary,
	    side->deflated ? ", compressed" : "", format_bytes(side->bytes, bytes), control);
}

/* Since the connection was upgraded. */
static void add_websocket(struct pane *pane, const struct websocket *websocket)
{
	if (!websocket)
		return;
	add_side(pane, "received", &websocket->in);
	add_side(pane, "sent", &websocket->out);
}

static void draw_request(struct pane *pane, const struct request *request)
{
	char a[FORMAT_LEN];
	char b[FORMAT_LEN];
	char c[FORMAT_LEN];
	char flags[FLAGS_LEN];
	const bool open = request->flags & REQUEST_OPEN;
	const char *unseen = request->flags & REQUEST_PARTIAL ? "before tracing began" : "never";
	const char *why = request_unseen(request);

	add(pane, "request", "%s %s%s%s%s", request->method, request->url, why ? " (" : "",
	    why ? why : "", why ? ")" : "");
	add_waits(pane, request);
	(void)print_moment(request, request->headers_ns, a);
	(void)print_moment(request, request->sent_ns, b);
	add(pane, "time", "handler called %s  response written %s  %s %s",
	    request->headers_ns ? a : unseen,
	    request->sent_ns ? b
	    : open           ? "not yet"
			     : "never",
	    open ? "now" : "ended", print_moment(request, request->end_ns, c));
	if (request->read_ns > request->start_ns)
		add(pane, "arrival", "its bytes lay %s in the socket before node read them",
		    format_duration(request->read_ns - request->start_ns, a));
	(void)request_flags_print(request->flags, ", ", flags, sizeof(flags));
	(void)snprintf(b, sizeof(b), "%" PRIu32, request->status);
	add(pane, "response", "status %s  %s%s%s",
	    request->status ? b
	    : open          ? "none yet"
			    : "none",
	    format_bytes(request->bytes_out, a), flags[0] ? "  flags " : "", flags);
	if (request->protocol)
		add(pane, "protocol", "%s", protocol_name(request->protocol, request->tls));
	add_websocket(pane, request->websocket);
	add(pane, "cpu", "%s in all, its own callbacks below", format_duration(request->cpu_ns, a));
	add_runs(pane, "handler", request, request->runs, request->n_runs);
	add(pane, "operations", "%" PRIu32 " shown of %" PRIu32, request_shown(request),
	    request->n_ops_total);
	add_inlined(pane, &request->inlined);
	add(pane, "where", "pid %" PRIu32 "  thread %" PRIu32 "  request %" PRIu64, request->pid,
	    request->tid, request->id);
}

static void draw_op(struct pane *pane, const struct request *request, const struct op *op)
{
	add_type(pane, op);
	add_times(pane, request, op);
	add_pool(pane, op);
	add_wire(pane, request, op);
	if (!(op->flags & OP_FUNCTION))
		add_runs(pane, "callbacks", request, op->runs, op->n_runs);
	add_origin(pane, request, op);
	add_stack(pane, op->stack);
}

int details_draw(struct canvas *canvas, struct area area, const struct request *request,
		 uint32_t op, int top)
{
	struct pane pane = {canvas, area, top, 0};

	if (op == ICICLE_REQUEST)
		draw_request(&pane, request);
	else
		draw_op(&pane, request, &request->ops[op]);
	return pane.lines;
}
