/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/source.h"

#include <linux/perf_event.h>
#include <sys/epoll.h>

#include <bpf/libbpf.h>

#include "symbolizer/base.h"
#include "user/reorder.h"

#define BATCH             4096
#define PERF_BYTES        (64u << 20) /* of all CPUs together … */
#define PERF_MIN_PAGES    64          /* … but this much for each */
#define PERF_MAX_PAGES    1024
#define REORDER_MAX_BYTES (64u << 20)
/* A record is written microseconds after its time was taken; preemption may stretch that. */
#define REORDER_WINDOW_NS (20 * NS_PER_MS)

struct source {
	source_record_fn *on_record;
	void *user;
	struct ring_buffer *ring;
	struct perf_buffer *perf;
	struct reorder *reorder; /* perf only */
	uint64_t lost;
	int n_batch; /* records since source_read() began */
	int urgent;  /* epoll, of the ring's wake-ups; -1 none */
};

static int on_ring_record(void *user, void *record, size_t size)
{
	struct source *s = user;

	s->on_record(s->user, record, size);
	/* The record is consumed all the same; the rest waits for the next call. */
	return ++s->n_batch >= BATCH ? -EAGAIN : 0;
}

static enum bpf_perf_event_ret on_perf_event(void *user, int cpu, struct perf_event_header *event)
{
	struct {
		struct perf_event_header header;
		uint32_t size;
		char data[];
	} *sample = (void *)event;
	struct {
		struct perf_event_header header;
		uint64_t id;
		uint64_t lost;
	} *loss = (void *)event;
	struct source *s = user;
	int err;

	(void)cpu;
	if (event->type == PERF_RECORD_LOST)
		s->lost += loss->lost;
	if (event->type != PERF_RECORD_SAMPLE)
		return LIBBPF_PERF_EVENT_CONT;
	s->n_batch++;
	err = reorder_add(s->reorder, sample->data, sample->size);
	if (err == -ENOSPC) {
		/* what still comes and is older will be late, and counts as lost */
		reorder_release_half(s->reorder, s->on_record, s->user);
		err = reorder_add(s->reorder, sample->data, sample->size);
	}
	if (err)
		s->lost++;
	return LIBBPF_PERF_EVENT_CONT;
}

/* By edges, that is by wake-ups: there is nearly always something in the ring. */
static int watch_ring(struct source *s, int map_fd)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};

	s->urgent = epoll_create1(EPOLL_CLOEXEC);
	if (s->urgent < 0 || epoll_ctl(s->urgent, EPOLL_CTL_ADD, map_fd, &event))
		return -errno;
	return 0;
}

static int open_ring(struct source *s, int map_fd)
{
	s->ring = ring_buffer__new(map_fd, on_ring_record, s, NULL);
	return s->ring ? watch_ring(s, map_fd) : -errno;
}

/* Pages per CPU, a power of two as perf wants it. */
static size_t perf_pages(void)
{
	size_t pages = PERF_MAX_PAGES, page_size = (size_t)sysconf(_SC_PAGESIZE);
	int n_cpus = libbpf_num_possible_cpus();

	while (pages > PERF_MIN_PAGES && n_cpus > 0 &&
	       pages * page_size * (size_t)n_cpus > PERF_BYTES)
		pages /= 2;
	return pages;
}

static int open_perf(struct source *s, int map_fd)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		/* We look on our own: a wake-up per event would cost the target dearly. */
		.watermark = 1,
		.wakeup_watermark = UINT32_MAX,
	};
	int err;

	err = reorder_new(REORDER_MAX_BYTES, &s->reorder);
	if (err)
		return err;
	s->perf = perf_buffer__new_raw(map_fd, perf_pages(), &attr, on_perf_event, s, NULL);
	return s->perf ? 0 : -errno;
}

int source_open(enum nt_transport transport, int map_fd, source_record_fn *on_record, void *user,
		struct source **ret_source)
{
	struct source *s;
	int err;

	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->urgent = -1;
	s->on_record = on_record;
	s->user = user;
	err = transport == NT_TRANSPORT_RING ? open_ring(s, map_fd) : open_perf(s, map_fd);
	if (err) {
		source_close(s);
		return err;
	}
	*ret_source = s;
	return 0;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	ring_buffer__free(s->ring);
	perf_buffer__free(s->perf);
	reorder_free(s->reorder);
	closep(&s->urgent);
	free(s);
}

static int consume(struct source *s)
{
	struct epoll_event event;
	int err;

	s->n_batch = 0;
	if (s->urgent >= 0)
		(void)epoll_wait(s->urgent, &event, 1, 0);
	err = s->perf ? perf_buffer__consume(s->perf) : ring_buffer__consume(s->ring);
	return err < 0 && err != -EAGAIN ? err : s->n_batch;
}

int source_read(struct source *s, uint64_t now_ns, uint64_t *ret_until_ns)
{
	int n = consume(s);

	if (n < 0)
		return n;
	if (s->perf) {
		*ret_until_ns = now_ns - REORDER_WINDOW_NS;
		reorder_release(s->reorder, *ret_until_ns, s->on_record, s->user);
	} else {
		*ret_until_ns = n < BATCH ? now_ns : 0;
	}
	return n;
}

int source_drain(struct source *s)
{
	int n = consume(s);

	if (s->perf)
		reorder_release(s->reorder, UINT64_MAX, s->on_record, s->user);
	return n;
}

int source_urgent_fd(const struct source *s)
{
	return s->urgent;
}

uint64_t source_lost(const struct source *s)
{
	return s->lost;
}
