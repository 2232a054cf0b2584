/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where operations come from: async resources, timers, thread-pool jobs, child processes. Connections
 * to other servers: engine_clients.c.
 */
#include "aggregator/engine_sources.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_asked.h"
#include "aggregator/engine_clients.h"
#include "aggregator/engine_fronts.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_kept.h"
#include "aggregator/engine_state.h"
#include "aggregator/engine_time.h"
#include "aggregator/engine_timers.h"

#include "symbolizer/base.h"

#define MAX_FILES 65536

struct live_op *work_find(struct engine *engine, uint64_t key)
{
	struct live_op *live;

	HASH_FIND(work_hh, engine->works, &key, sizeof(key), live);
	return live;
}

void work_remove(struct engine *engine, struct live_op *live)
{
	if (!live->in_works)
		return;
	HASH_DELETE(work_hh, engine->works, live);
	live->in_works = false;
}

/* Libuv reuses requests at once: a key that is still there belongs to one whose end was lost. */
void work_add(struct engine *engine, struct live_op *live, uint64_t key)
{
	struct live_op *stale = work_find(engine, key);

	if (stale)
		work_remove(engine, stale);
	live->key = key;
	live->in_works = true;
	HASH_ADD(work_hh, engine->works, key, sizeof(key), live);
}

/* A port ends when it is closed; a process whose exit nobody saw never began. */
void ops_handle_closed(struct engine *engine, struct engine_thread *thread,
		       const struct event *event)
{
	const struct id_record *record = id_peek(thread, event->c);
	struct live_op *live = record && record->op ? op_find(engine, record->op) : NULL;

	kept_closed(thread, event->c);
	if (!live || !record->type || !record->type->handle)
		return;
	if (live->op.flags & OP_INTERNAL && !live->op.end_ns)
		live->op.end_ns = event->ts;
	if (!live->open)
		return;
	if (!strcmp(live->op.type, "process"))
		live->op.flags |= OP_FAILED;
	op_end(engine, live, event->ts);
}

static bool ends_with_its_callback(const struct live_op *live)
{
	return !strcmp(live->op.type, "process") || !strcmp(live->op.type, "dns.query") ||
	       !strcmp(live->op.type, "udp.send");
}

void op_scope_opened(struct engine *engine, struct engine_thread *thread, uint64_t id, uint64_t ts)
{
	const struct id_record *record = id_peek(thread, id);
	struct live_op *live = record && record->op ? op_find(engine, record->op) : NULL;

	if (live && ends_with_its_callback(live))
		op_end(engine, live, ts);
}

void op_timer_ran(struct engine *engine, struct engine_thread *thread, uint64_t id, uint64_t ts)
{
	const struct id_record *record = id_peek(thread, id);
	struct live_op *live = record && record->op ? op_find(engine, record->op) : NULL;

	if (!live || strcmp(live->op.type, "timer") != 0)
		return;
	op_end(engine, live, ts);
	if (live->op.flags & OP_END_INFERRED) {
		live->op.flags &= ~OP_END_INFERRED;
		live->op.end_ns = ts;
	}
}

/* The first of a list need not be due: one before it was cleared. */
void op_timer_due(struct engine *engine, struct engine_thread *thread, uint64_t id, uint64_t ts)
{
	const struct id_record *record = id_peek(thread, id);
	const struct live_op *live = record && record->op ? op_find(engine, record->op) : NULL;

	if (live && live->op.flags & OP_END_INFERRED)
		op_timer_ran(engine, thread, id, ts);
}

int ops_init(struct engine *engine, struct engine_thread *thread, const struct event *event,
	     const struct context *context)
{
	const struct wrap_type *type = wrap_type_find(event->text);
	struct id_record *record;
	struct live_op *live;

	id_set_created(thread, event->counter, context, thread->number);
	record = id_get(thread, event->counter);
	if (!record)
		return 0;
	record->type = type;
	record->wrap = type->wrap;
	if (type->socket && asked_note(engine, thread, event, context))
		return -ENOMEM;
	if (!type->shown && !(type->internal && engine->options.internal))
		return 0;
	live = op_new(engine, thread, event, context, type->type, "");
	if (!live)
		return -ENOMEM;
	op_bind_id(engine, thread, live, event->counter);
	if (!type->shown) {
		live->op.flags |= OP_INTERNAL;
		op_end(engine, live, 0); /* must not hold its request back */
	}
	return 0;
}

/* Node counts from the loop's time in whole milliseconds, which stands still during a turn. */
static uint64_t timer_due(const struct engine_thread *thread, const struct event *event)
{
	uint64_t from = thread->n_scopes ? thread->turn_ts : event->ts;

	return from + event->b * NS_PER_MS - (event->b ? NS_PER_MS + NS_PER_MS / 2 : 0);
}

/* The loop's time is not later than the event's, and cut to whole milliseconds at both ends. */
static uint64_t timer_surely_due(const struct event *event)
{
	return event->ts + (event->b + 1) * NS_PER_MS;
}

int ops_timer(struct engine *engine, struct engine_thread *thread, const struct event *event,
	      const struct context *context)
{
	struct id_record *record;
	struct live_op *live;
	char delay[24];

	if (!event->a)
		return 0;
	id_set_created(thread, event->a, context, thread->number);
	record = id_get(thread, event->a);
	if (!record)
		return 0;
	record->kind = ID_TIMEOUT;
	if (event->arg & NT_TIMER_INTERNAL)
		return 0;
	(void)snprintf(delay, sizeof(delay), "%" PRIu64, event->b);
	live = op_new(engine, thread, event, context,
		      event->arg & NT_TIMER_REPEATS ? "interval" : "timer", delay);
	if (!live)
		return -ENOMEM;
	live->op.wrap = "Timeout";
	live->op.ready_ns = time_due(thread, event);
	op_bind_id(engine, thread, live, event->a);
	if (event->arg & NT_TIMER_REPEATS)
		op_end(engine, live, 0); /* never ends: must not hold its request back */
	else if (event->b <= INT32_MAX)
		return timer_add(engine, thread, timer_due(thread, event), timer_surely_due(event),
				 live->id);
	return 0;
}

static const struct open_file *file_find(const struct engine *engine, uint32_t fd)
{
	struct open_file *file;

	HASH_FIND(hh, engine->files, &fd, sizeof(fd), file);
	return file;
}

void file_closed(struct engine *engine, uint32_t fd)
{
	struct open_file *file;

	HASH_FIND(hh, engine->files, &fd, sizeof(fd), file);
	if (!file)
		return;
	HASH_DEL(engine->files, file);
	free(file->path);
	free(file);
}

void files_lost(struct engine *engine)
{
	struct open_file *file, *tmp;

	HASH_ITER (hh, engine->files, file, tmp)
		file_closed(engine, file->fd);
}

static void file_opened(struct engine *engine, uint32_t fd, const char *path)
{
	struct open_file *file;

	file_closed(engine, fd);
	if (HASH_COUNT(engine->files) >= MAX_FILES) {
		engine->totals.forgotten++;
		return;
	}
	file = calloc(1, sizeof(*file));
	if (!file)
		return;
	file->fd = fd;
	file->path = strdup(path);
	if (!file->path) {
		free(file);
		return;
	}
	HASH_ADD(hh, engine->files, fd, sizeof(file->fd), file);
}

/* Path of an fs job: its own, or that of the descriptor, as far as its opening was seen. */
static const char *fs_detail(const struct engine *engine, const struct event *event, char *buf,
			     size_t len)
{
	uint32_t fd = event->arg >> 8;
	const struct open_file *file;

	if (event->text_len)
		return event->text;
	file = file_find(engine, fd);
	if (file)
		return file->path;
	(void)snprintf(buf, len, "fd:%" PRIu32, fd);
	return buf;
}

static void submitted_to_pool(struct engine *engine, struct live_op *live, uint64_t ts)
{
	live->op.queued_ns = ts;
	(void)pool_submitted(&engine->pool, ts);
}

/* A file system that io_uring cannot serve: libuv gives the same request to the pool after all. */
static bool left_by_uring(struct engine *engine, const struct event *event)
{
	struct live_op *live = work_find(engine, event->a);

	if ((event->arg & 0xff) != NT_WORK_FS || !live || !live->open ||
	    !(live->op.flags & OP_IO_URING) || live->op.async_id != event->c)
		return false;
	live->op.flags &= ~OP_IO_URING;
	live->job = live->op.type;
	submitted_to_pool(engine, live, event->ts);
	return true;
}

static bool is_fs(const struct event *event)
{
	return (event->arg & 0xff) == NT_WORK_FS || (event->arg & 0xff) == NT_WORK_FS_URING;
}

int ops_work_submit(struct engine *engine, struct engine_thread *thread, const struct event *event,
		    const struct context *context)
{
	const struct id_record *record = id_peek(thread, event->c);
	const struct wrap_type *wrap = record ? record->type : NULL;
	const char *type = wrap ? wrap->type : "job", *detail = wrap ? wrap->detail : "";
	uint32_t fs = event->b ? event->b - 1 : 0;
	struct live_op *live;
	char fd[24];

	if (left_by_uring(engine, event))
		return 0;
	if (is_fs(event)) {
		type = fs_type_name(fs);
		detail = fs_detail(engine, event, fd, sizeof(fd));
	} else if ((event->arg & 0xff) == NT_WORK_ADDRINFO) {
		type = "dns.lookup";
		detail = event->text;
	} else if ((event->arg & 0xff) == NT_WORK_READ_FILE ||
		   (event->arg & 0xff) == NT_WORK_WRITE_FILE) {
		type = (event->arg & 0xff) == NT_WORK_READ_FILE ? "fs.readfile" : "fs.writefile";
		detail = event->text;
	}
	live = op_new(engine, thread, event, context, type, detail);
	if (!live)
		return -ENOMEM;
	if ((event->arg & 0xff) == NT_WORK_FS_URING)
		live->op.flags |= OP_IO_URING;
	else
		submitted_to_pool(engine, live, event->ts);
	live->job = wrap && wrap->job ? wrap->job : type;
	if (is_fs(event) && fs_type_closes(fs))
		file_closed(engine, event->arg >> 8);
	op_bind_id(engine, thread, live, event->c);
	work_add(engine, live, event->a);
	return 0;
}

void ops_work_on_pool(struct engine *engine, struct engine_thread *thread,
		      const struct event *event)
{
	struct live_op *live = work_find(engine, event->a);
	bool was_queued = live && live->op.queued_ns && live->op.queued_ns <= event->ts;

	if (event->kind == NT_EVENT_WORK_END) {
		(void)pool_finished(&engine->pool, event->tid, event->ts);
		if (live)
			live->op.finished_ns = event->ts;
		fronts_ended(engine, thread, live, event->ts);
		return;
	}
	(void)pool_started(&engine->pool, event->tid, event->ts,
			   was_queued ? event->ts - live->op.queued_ns : UINT64_MAX);
	if (live) {
		live->op.started_ns = event->ts;
		live->op.pool_tid = event->tid;
	}
	fronts_started(thread, live, event->ts);
}

void ops_work_done(struct engine *engine, const struct event *event)
{
	struct live_op *live = work_find(engine, event->a);
	int64_t result = (int64_t)event->b;

	if (!live)
		return;
	if (!live->op.started_ns && !(live->op.flags & OP_IO_URING))
		(void)pool_cancelled(&engine->pool, event->ts);
	if (result < 0)
		live->op.flags |= OP_FAILED;
	else if (!strcmp(live->op.type, "fs.open") && result <= INT32_MAX)
		file_opened(engine, (uint32_t)result, live->op.detail);
	op_end(engine, live, event->ts);
	work_remove(engine, live);
}

int ops_spawn(struct engine *engine, struct engine_thread *thread, const struct event *event,
	      const struct context *context)
{
	struct live_op *live = op_new(engine, thread, event, context, "process", event->text);

	if (!live)
		return -ENOMEM;
	op_bind_id(engine, thread, live, event->c);
	return 0;
}

int ops_dns_query(struct engine *engine, const struct engine_thread *thread,
		  const struct event *event)
{
	const struct id_record *record = id_peek(thread, event->counter);
	struct live_op *live = record && record->op ? op_find(engine, record->op) : NULL;
	const char *type = dns_record_name(event->arg);
	char *detail;

	if (!live || strcmp(live->op.type, "dns.query") != 0 || live->op.detail[0])
		return 0;
	if (asprintf(&detail, "%s%s%s", event->text, type ? " " : "", type ? type : "") < 0)
		return -ENOMEM;
	free((void *)live->op.detail);
	live->op.detail = detail;
	return 0;
}

void sources_done(struct engine *engine)
{
	clients_done(engine);
	files_lost(engine);
}
