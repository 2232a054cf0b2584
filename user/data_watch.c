/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/data_watch.h"

#include <pthread.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "symbolizer/base.h"
#include "user/log.h"

struct data_watch {
	struct bpf_object *object;
	struct bpf_map *sockets;
	struct bpf_link *link;
	unsigned int users;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct data_watch *shared; /* NULL: nobody needs it */

static void watch_free(struct data_watch *watch)
{
	(void)bpf_link__destroy(watch->link);
	bpf_object__close(watch->object);
	free(watch);
}

/* Of our code the one program and its map. */
static int load(struct data_watch *watch, const struct bpf_object_skeleton *session)
{
	struct bpf_program *program, *wanted;
	struct bpf_map *map;
	int err = 0;

	watch->object = bpf_object__open_mem(session->data, session->data_sz, NULL);
	if (!watch->object)
		return errno ? -errno : -ENOMEM;
	wanted = bpf_object__find_program_by_name(watch->object, "nt_data_ready");
	watch->sockets = bpf_object__find_map_by_name(watch->object, "sockets");
	if (!wanted || !watch->sockets)
		return -ENOENT;
	bpf_object__for_each_program (program, watch->object)
		if (!err)
			err = bpf_program__set_autoload(program, program == wanted);
	bpf_object__for_each_map(map, watch->object) if (!err && !bpf_map__is_internal(map)) err =
		bpf_map__set_autocreate(map, map == watch->sockets);
	if (!err)
		err = bpf_object__load(watch->object);
	if (err)
		return err;
	watch->link = bpf_program__attach(wanted);
	return watch->link ? 0 : -errno;
}

static struct data_watch *watch_new(const struct bpf_object_skeleton *session)
{
	struct data_watch *watch = calloc(1, sizeof(*watch));
	int err = watch ? load(watch, session) : -ENOMEM;

	if (!err)
		return watch;
	log_warn_once("waits for the network last until the event loop looks, not until data "
		      "comes: %s",
		      strerror(-err));
	if (watch)
		watch_free(watch);
	return NULL;
}

static struct data_watch *join(struct bpf_map *sockets, const struct bpf_object_skeleton *session)
{
	if (!shared)
		shared = watch_new(session);
	if (!shared)
		return NULL;
	shared->users++;
	(void)bpf_map__reuse_fd(sockets, bpf_map__fd(shared->sockets));
	return shared;
}

struct data_watch *data_watch_join(struct bpf_map *sockets,
				   const struct bpf_object_skeleton *session)
{
	struct data_watch *watch;

	(void)pthread_mutex_lock(&lock);
	watch = join(sockets, session);
	(void)pthread_mutex_unlock(&lock);
	return watch;
}

void data_watch_leave(struct data_watch **watch)
{
	bool left = *watch;

	*watch = NULL;
	(void)pthread_mutex_lock(&lock);
	if (left && shared && --shared->users == 0) {
		watch_free(shared);
		shared = NULL;
	}
	(void)pthread_mutex_unlock(&lock);
}
