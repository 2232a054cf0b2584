/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/loop.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "symbolizer/base.h"

#define MAX_WATCHES 160 /* two for each process that is traced, and a few */

struct watch {
	int fd; /* -1: free */
	bool is_timer;
	bool is_stale; /* its place is taken only when nothing of this round can be for it */
	loop_fn *fn;
	void *user;
};

struct loop {
	int epoll;
	bool quit;
	struct watch watches[MAX_WATCHES];
};

int loop_new(struct loop **ret_loop)
{
	struct loop *loop;
	size_t i;
	int err;

	loop = calloc(1, sizeof(*loop));
	if (!loop)
		return -ENOMEM;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0) {
		err = -errno;
		free(loop);
		return err;
	}
	for (i = 0; i < MAX_WATCHES; i++)
		loop->watches[i].fd = -1;
	*ret_loop = loop;
	return 0;
}

void loop_free(struct loop *loop)
{
	size_t i;

	if (!loop)
		return;
	for (i = 0; i < MAX_WATCHES; i++)
		if (loop->watches[i].is_timer)
			(void)close(loop->watches[i].fd);
	(void)close(loop->epoll);
	free(loop);
}

static struct watch *find(struct loop *loop, int fd)
{
	size_t i;

	for (i = 0; i < MAX_WATCHES; i++)
		if (loop->watches[i].fd == fd && !loop->watches[i].is_stale)
			return &loop->watches[i];
	return NULL;
}

static void begin_round(struct loop *loop)
{
	size_t i;

	for (i = 0; i < MAX_WATCHES; i++)
		loop->watches[i].is_stale = false;
}

int loop_watch(struct loop *loop, int fd, uint32_t events, loop_fn *fn, void *user)
{
	struct watch *watch = find(loop, -1);
	struct epoll_event event = {.events = events, .data.ptr = watch};

	if (fd < 0)
		return 0;
	if (!watch)
		return -ENOSPC;
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event))
		return -errno;
	*watch = (struct watch){.fd = fd, .fn = fn, .user = user};
	return 0;
}

void loop_unwatch(struct loop *loop, int fd)
{
	struct watch *watch = fd < 0 ? NULL : find(loop, fd);

	if (!watch)
		return;
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
	watch->fd = -1;
	watch->is_stale = true;
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_SEC),
				 .tv_nsec = (long)(ns % NS_PER_SEC)};
}

int loop_timer(struct loop *loop, uint64_t first_ns, uint64_t interval_ns, loop_fn *fn, void *user)
{
	const struct itimerspec when = {.it_value = timespec_of(first_ns ? first_ns : 1),
					.it_interval = timespec_of(interval_ns)};
	int fd, err = 0;

	fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (timerfd_settime(fd, 0, &when, NULL))
		err = -errno;
	if (!err)
		err = loop_watch(loop, fd, EPOLLIN, fn, user);
	if (err) {
		(void)close(fd);
		return err;
	}
	find(loop, fd)->is_timer = true;
	return 0;
}

static int dispatch(struct watch *watch, uint32_t events)
{
	uint64_t expirations;

	if (watch->fd < 0)
		return 0; /* unwatched by an earlier callback of this round */
	if (watch->is_timer && read(watch->fd, &expirations, sizeof(expirations)) < 0)
		return 0;
	return watch->fn(watch->user, events);
}

int loop_run(struct loop *loop)
{
	struct epoll_event events[MAX_WATCHES];
	int i, n, err = 0;

	while (!loop->quit && !err) {
		begin_round(loop);
		n = epoll_wait(loop->epoll, events, MAX_WATCHES, -1);
		if (n < 0 && errno != EINTR)
			return -errno;
		for (i = 0; i < n && !err; i++)
			err = dispatch(events[i].data.ptr, events[i].events);
	}
	return err;
}

void loop_quit(struct loop *loop)
{
	loop->quit = true;
}
