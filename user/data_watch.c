/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/data_watch.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "symbolizer/base.h"
#include "user/log.h"

struct data_watch {
	struct bpf_link *link;
	int sockets; /* the map; it outlives the session that brought it */
	unsigned int users;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct data_watch
	*shared; /* NULL: none, or only those of sessions that opened at the same time */

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

static struct data_watch *watch_new(const struct bpf_program *program,
				    const struct bpf_map *sockets)
{
	struct data_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->users = 1;
	watch->sockets = fcntl(bpf_map__fd(sockets), F_DUPFD_CLOEXEC, 0);
	watch->link = watch->sockets < 0 ? NULL : bpf_program__attach(program);
	if (watch->link)
		return watch;
	log_warn_once("waits for the network last until the event loop looks, not until data "
		      "comes: %s",
		      strerror(errno));
	if (watch->sockets >= 0)
		(void)close(watch->sockets);
	free(watch);
	return NULL;
}

struct data_watch *data_watch_start(const struct bpf_program *program,
				    const struct bpf_map *sockets)
{
	struct data_watch *watch = watch_new(program, sockets);

	(void)pthread_mutex_lock(&lock);
	if (!shared)
		shared = watch;
	(void)pthread_mutex_unlock(&lock);
	return watch;
}

void data_watch_leave(struct data_watch **watch)
{
	struct data_watch *left = *watch;
	bool last;

	*watch = NULL;
	if (!left)
		return;
	(void)pthread_mutex_lock(&lock);
	last = --left->users == 0;
	if (last && shared == left)
		shared = NULL;
	(void)pthread_mutex_unlock(&lock);
	if (!last)
		return;
	(void)bpf_link__destroy(left->link);
	(void)close(left->sockets);
	free(left);
}
