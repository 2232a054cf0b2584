/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/naming.h"

#include <stdlib.h>
#include <string.h>

#include "symbolizer/resolver.h"
#include "user/clock.h"
#include "user/gaps.h"
#include "user/log.h"
#include "user/session.h"

#define MAX_STACKS     65536
#define MAX_NAME_BYTES (32u << 20)

struct naming {
	const struct session *session;
	struct stacks *stacks;
	struct resolver *resolver; /* NULL once released */
	uint64_t n_stacks;
	uint64_t raw_frames; /* as the kernel side sent them */
	uint64_t frames;     /* with those that were inlined, without those that tell nothing */
	uint64_t ns;
};

static int read_heap_time(void *user, uint32_t tid, struct heap_time *ret_time)
{
	const struct naming *naming = user;
	struct nt_thread thread;
	int err = session_thread(naming->session, tid, &thread);

	if (err)
		return err;
	ret_time->isolate = thread.env;
	ret_time->moves = thread.gc_epoch;
	ret_time->collections = thread.collections;
	return 0;
}

static int open_parts(struct naming *naming, bool source_maps)
{
	const struct target *target = session_target(naming->session);
	int err;

	err = stacks_new(MAX_STACKS, MAX_NAME_BYTES, &naming->stacks);
	if (!err)
		err = resolver_new(target->process, target->elf, &target->layout, naming->stacks,
				   &naming->resolver);
	if (!err && source_maps)
		err = resolver_use_source_maps(naming->resolver);
	if (!err)
		resolver_set_clock(naming->resolver,
				   &(struct heap_clock){.read = read_heap_time, .user = naming});
	return err;
}

int naming_new(const struct session *session, bool source_maps, struct naming **ret_naming)
{
	struct naming *naming = calloc(1, sizeof(*naming));
	int err;

	if (!naming)
		return -ENOMEM;
	naming->session = session;
	err = open_parts(naming, source_maps);
	if (err) {
		naming_free(naming);
		return err;
	}
	*ret_naming = naming;
	return 0;
}

void naming_add(struct naming *naming, const struct nt_event *event, const char *text)
{
	struct nt_frame frames[NT_STACK_MAX_LOGICAL];
	size_t n = event->text_len / sizeof(*frames);
	const struct stack *stack;
	uint64_t began_ns;

	if (n > ARRAY_SIZE(frames))
		n = ARRAY_SIZE(frames);
	memcpy(frames, text, n * sizeof(*frames));
	began_ns = clock_monotonic_ns();
	stack = resolver_add(naming->resolver, &(struct raw_stack){
						       .id = event->a,
						       .moves = event->b,
						       .frames = frames,
						       .n = n,
						       .tid = event->tid,
					       });
	naming->ns += clock_monotonic_ns() - began_ns;
	naming->n_stacks++;
	naming->raw_frames += n;
	naming->frames += stack ? stack->n_frames : 0;
}

struct stacks *naming_stacks(const struct naming *naming)
{
	return naming->stacks;
}

const struct spills *naming_spills(const struct naming *naming)
{
	return resolver_spills(naming->resolver);
}

void naming_gaps(const struct naming *naming, struct stack_gaps *ret_gaps)
{
	gaps_read(naming->session, naming->resolver, naming->stacks, ret_gaps);
}

/* How well JavaScript frames could be named, as far as that is known. */
static void log_names(const struct naming *naming)
{
	struct resolver_heap heap;

	resolver_heap_state(naming->resolver, &heap);
	log_debug("resolver: %ju stacks, %ju raw frames, %ju frames, %ju us",
		  (uintmax_t)naming->n_stacks, (uintmax_t)naming->raw_frames,
		  (uintmax_t)naming->frames, (uintmax_t)(naming->ns / NS_PER_US));
	log_debug("JavaScript frames: %ju named, %ju not; %ju functions without a line; "
		  "%ju of %ju names differ from the perf map's",
		  (uintmax_t)heap.counts.named, (uintmax_t)heap.counts.unnamed,
		  (uintmax_t)heap.counts.no_line, (uintmax_t)heap.differed,
		  (uintmax_t)heap.compared);
	if (heap.perf_entries)
		log_debug("the perf map has %zu entries", heap.perf_entries);
	if (heap.state == V8_UNKNOWN || heap.state == V8_REFUTED)
		log_warn("JavaScript functions have no names: %s; with --perf-basic-prof node "
			 "tells them",
			 heap.state == V8_UNKNOWN ? "this V8 is not known"
						  : "its heap is not laid out as expected");
}

void naming_release(struct naming *naming)
{
	if (!naming || !naming->resolver)
		return;
	log_names(naming);
	resolver_free(naming->resolver);
	naming->resolver = NULL;
}

void naming_free(struct naming *naming)
{
	if (!naming)
		return;
	resolver_free(naming->resolver);
	stacks_free(naming->stacks);
	free(naming);
}
