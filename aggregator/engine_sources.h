/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Where operations come from: what node or libuv is asked for. Private to the engine. */
#ifndef NT_AGGREGATOR_ENGINE_SOURCES_H
#define NT_AGGREGATOR_ENGINE_SOURCES_H

#include "aggregator/engine_state.h"

struct open_file {
	uint32_t fd;
	char *path;
	UT_hash_handle hh;
};

/* The operation under way whose libuv request or work this is, or NULL. */
struct live_op *work_find(struct engine *engine, uint64_t key);
void work_add(struct engine *engine, struct live_op *live, uint64_t key);
void work_remove(struct engine *engine, struct live_op *live);
/* A callback scope of this id opens: one-shot operations have ended. */
void op_scope_opened(struct engine *engine, struct engine_thread *thread, uint64_t id, uint64_t ts);
/* A timer or immediate of this id was seen running. */
void op_timer_ran(struct engine *engine, struct engine_thread *thread, uint64_t id, uint64_t ts);
/* A timer of this id is called, if it is due. */
void op_timer_due(struct engine *engine, struct engine_thread *thread, uint64_t id, uint64_t ts);
int ops_init(struct engine *engine, struct engine_thread *thread, const struct event *event,
	     const struct context *context);
int ops_timer(struct engine *engine, struct engine_thread *thread, const struct event *event,
	      const struct context *context);
int ops_work_submit(struct engine *engine, struct engine_thread *thread, const struct event *event,
		    const struct context *context);
/* NT_EVENT_WORK_START and NT_EVENT_WORK_END of a thread of the pool. */
void ops_work_on_pool(struct engine *engine, struct engine_thread *thread,
		      const struct event *event);
void ops_work_done(struct engine *engine, const struct event *event);
int ops_spawn(struct engine *engine, struct engine_thread *thread, const struct event *event,
	      const struct context *context);
/* The name that the operation made last asks for. */
int ops_dns_query(struct engine *engine, const struct engine_thread *thread,
		  const struct event *event);
/* A handle is closed: the operation that it stands for ends. */
void ops_handle_closed(struct engine *engine, struct engine_thread *thread,
		       const struct event *event);
/* A file descriptor no longer stands for the path it was opened with. */
void file_closed(struct engine *engine, uint32_t fd);
/* Events were lost, on any thread: what is opened may be something else by now. */
void files_lost(struct engine *engine);
void sources_done(struct engine *engine);

#endif
