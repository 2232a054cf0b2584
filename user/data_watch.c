/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/data_watch.h"

#include <fcntl.h>
#include <pthread.h>

#include <bpf/libbpf.h>

#include "symbolizer/base.h"

struct data_watch {
	struct bpf_link *link;
	int sockets; /* the map; it outlives the session that brought it */
	unsigned int users;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct data_watch *shared; /* NULL: none, or only those of sessions that opened at the same time */

static struct data_watch *join(struct bpf_map *sockets)
{
	if (!shared || bpf_map__reuse_fd(sockets, shared->sockets))
		return NULL;
	shared->users++;
	return shared;
}

struct data_watch *data_watch_join(struct bpf_map *sockets)
{
	struct data_watch *watch;

	(void)pthread_mutex_lock(&lock);
	watch = join(sockets);
	(void)pthread_mutex_unlock(&lock);
	return watch;
}

int data_watch_start(const struct bpf_program *program, const struct bpf_map *sockets,
		     struct data_watch **ret_watch)
{
	struct data_watch *watch = calloc(1, sizeof(*watch));
	int err;

	if (!watch)
		return -ENOMEM;
	watch->users = 1;
	watch->sockets = fcntl(bpf_map__fd(sockets), F_DUPFD_CLOEXEC, 0);
	watch->link = watch->sockets < 0 ? NULL : bpf_program__attach(program);
	if (!watch->link) {
		err = errno ? -errno : -EINVAL;
		if (watch->sockets >= 0)
			(void)close(watch->sockets);
		free(watch);
		return err;
	}
	(void)pthread_mutex_lock(&lock);
	if (!shared)
		shared = watch;
	(void)pthread_mutex_unlock(&lock);
	*ret_watch = watch;
	return 0;
}

void data_watch_leave(struct data_watch *watch)
{
	bool last;

	if (!watch)
		return;
	(void)pthread_mutex_lock(&lock);
	last = --watch->users == 0;
	if (last && shared == watch)
		shared = NULL;
	(void)pthread_mutex_unlock(&lock);
	if (!last)
		return;
	(void)bpf_link__destroy(watch->link);
	(void)close(watch->sockets);
	free(watch);
}
