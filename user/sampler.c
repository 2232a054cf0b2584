/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/sampler.h"

#include <linux/perf_event.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>

#include <bpf/libbpf.h>

#include "symbolizer/base.h"

#define MAX_THREADS 256  /* with clocks, that run JavaScript at the same time */
#define MAX_MISSED  1024 /* as many as the kernel side knows at the same time */

struct ticking {
	uint32_t tid;
	struct bpf_link *clock; /* they own their events; NULL: not wanted */
	struct bpf_link *leave;
};

struct sampler {
	struct sampler_setup setup;
	pthread_mutex_t lock; /* of what follows */
	struct ticking threads[MAX_THREADS];
	size_t n;
	uint32_t missed[MAX_MISSED]; /* a ring of threads that lack a clock, so each counts once */
	uint64_t n_missed;           /* ever */
	bool stopped;
};

static int open_event(struct perf_event_attr *attr, pid_t tid)
{
	long fd;

	attr->type = PERF_TYPE_SOFTWARE;
	attr->size = sizeof(*attr);
	fd = syscall(SYS_perf_event_open, attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

/* Not in the kernel: there one of our own programs may be at work. Threads that the thread starts have
 * clocks of their own. */
static int open_clock(pid_t tid, uint64_t period_ns)
{
	struct perf_event_attr attr = {
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = period_ns,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};

	return open_event(&attr, tid);
}

static int open_leave(pid_t tid)
{
	struct perf_event_attr attr = {
		.config = PERF_COUNT_SW_CONTEXT_SWITCHES,
		.sample_period = 1,
	};

	return open_event(&attr, tid);
}

int sampler_supported(char *why, size_t why_len)
{
	_cleanup_(closep) int fd = open_clock(0, NS_PER_SEC);

	if (fd < 0) {
		(void)snprintf(why, why_len, "perf_event_open: %s", strerror(-fd));
		return fd;
	}
	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_PERF_EVENT, NULL) == 1)
		return 0;
	(void)snprintf(why, why_len, "this kernel has no BPF programs for perf events");
	return -EOPNOTSUPP;
}

int sampler_new(const struct sampler_setup *setup, struct sampler **ret_sampler)
{
	struct sampler *sampler = calloc(1, sizeof(*sampler));

	if (!sampler)
		return -ENOMEM;
	sampler->setup = *setup;
	(void)pthread_mutex_init(&sampler->lock, NULL);
	*ret_sampler = sampler;
	return 0;
}

void sampler_free(struct sampler *sampler)
{
	if (!sampler)
		return;
	sampler_stop(sampler);
	(void)pthread_mutex_destroy(&sampler->lock);
	free(sampler);
}

static struct ticking *find(struct sampler *sampler, uint32_t tid)
{
	size_t i;

	for (i = 0; i < sampler->n; i++)
		if (sampler->threads[i].tid == tid)
			return &sampler->threads[i];
	return NULL;
}

/* Takes the event over. */
static int attach(const struct bpf_program *program, int event, struct bpf_link **ret_link)
{
	struct bpf_link *link;
	int err;

	if (event < 0)
		return event;
	link = bpf_program__attach_perf_event(program, event);
	if (!link) {
		err = -errno;
		closep(&event);
		return err;
	}
	*ret_link = link;
	return 0;
}

static void stop(const struct ticking *thread)
{
	if (thread->clock)
		(void)bpf_link__destroy(thread->clock);
	if (thread->leave)
		(void)bpf_link__destroy(thread->leave);
}

static int start(struct sampler *sampler, uint32_t tid)
{
	const struct sampler_setup *setup = &sampler->setup;
	struct ticking thread = {.tid = tid};
	int err = 0, err_leave = 0;

	if (sampler->n == MAX_THREADS)
		return -ENOSPC;
	if (setup->sample)
		err = attach(setup->sample, open_clock((pid_t)tid, setup->period_ns),
			     &thread.clock);
	if (setup->leave)
		err_leave = attach(setup->leave, open_leave((pid_t)tid), &thread.leave);
	if (thread.clock || thread.leave) /* one may be allowed without the other */
		sampler->threads[sampler->n++] = thread;
	return err ? err : err_leave;
}

static void miss(struct sampler *sampler, uint32_t tid)
{
	size_t n = sampler->n_missed < MAX_MISSED ? sampler->n_missed : MAX_MISSED;

	while (n--)
		if (sampler->missed[n] == tid)
			return;
	sampler->missed[sampler->n_missed++ % MAX_MISSED] = tid;
}

int sampler_add(struct sampler *sampler, uint32_t tid)
{
	int err = 0;

	(void)pthread_mutex_lock(&sampler->lock);
	if (!sampler->stopped && !find(sampler, tid))
		err = start(sampler, tid);
	if (err && err != -ESRCH)
		miss(sampler, tid);
	(void)pthread_mutex_unlock(&sampler->lock);
	return err;
}

uint64_t sampler_missed(struct sampler *sampler)
{
	uint64_t n;

	(void)pthread_mutex_lock(&sampler->lock);
	n = sampler->n_missed;
	(void)pthread_mutex_unlock(&sampler->lock);
	return n;
}

void sampler_remove(struct sampler *sampler, uint32_t tid)
{
	struct ticking *found;

	(void)pthread_mutex_lock(&sampler->lock);
	found = find(sampler, tid);
	if (found) {
		stop(found);
		*found = sampler->threads[--sampler->n];
	}
	(void)pthread_mutex_unlock(&sampler->lock);
}

void sampler_stop(struct sampler *sampler)
{
	(void)pthread_mutex_lock(&sampler->lock);
	while (sampler->n)
		stop(&sampler->threads[--sampler->n]);
	sampler->stopped = true;
	(void)pthread_mutex_unlock(&sampler->lock);
}
