/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/data_watch.h"

#include <pthread.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "symbolizer/base.h"
#include "user/log.h"

#define CONSTANTS ".rodata"

/* The maps that all sessions have in common. */
enum common {
	COMMON_SOCKETS,
	COMMON_LISTENED,
	COMMON_COUNT
};

static const char *const common_names[COMMON_COUNT] = {
	[COMMON_SOCKETS] = "sockets",
	[COMMON_LISTENED] = "listened",
};

struct data_watch {
	struct bpf_object *object;
	struct bpf_map *maps[COMMON_COUNT];
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

static bool is_common(const struct data_watch *watch, const struct bpf_map *map)
{
	for (size_t i = 0; i < COMMON_COUNT; i++)
		if (watch->maps[i] == map)
			return true;
	return false;
}

static int find_maps(struct data_watch *watch)
{
	for (size_t i = 0; i < COMMON_COUNT; i++) {
		watch->maps[i] = bpf_object__find_map_by_name(watch->object, common_names[i]);
		if (!watch->maps[i])
			return -ENOENT;
	}
	return 0;
}

/* Where things are in the kernel, the session knows. */
static int take_constants(struct data_watch *watch, const struct bpf_object *session)
{
	struct bpf_map *from = bpf_object__find_map_by_name(session, CONSTANTS);
	struct bpf_map *to = bpf_object__find_map_by_name(watch->object, CONSTANTS);
	const void *constants;
	size_t size = 0;

	constants = from ? bpf_map__initial_value(from, &size) : NULL;
	return constants && to ? bpf_map__set_initial_value(to, constants, size) : -ENOENT;
}

/* Of our code the one program and its maps. */
static int load(struct data_watch *watch, const struct bpf_object_skeleton *session)
{
	struct bpf_program *program, *wanted;
	struct bpf_map *map;
	int err;

	watch->object = bpf_object__open_mem(session->data, session->data_sz, NULL);
	if (!watch->object)
		return errno ? -errno : -ENOMEM;
	wanted = bpf_object__find_program_by_name(watch->object, "nt_data_ready");
	err = wanted ? find_maps(watch) : -ENOENT;
	if (!err)
		err = take_constants(watch, *session->obj);
	bpf_object__for_each_program (program, watch->object)
		if (!err)
			err = bpf_program__set_autoload(program, program == wanted);
	bpf_object__for_each_map(map, watch->object) if (!err && !bpf_map__is_internal(map)) err =
		bpf_map__set_autocreate(map, is_common(watch, map));
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

static struct data_watch *join(const struct bpf_object_skeleton *session)
{
	if (!shared)
		shared = watch_new(session);
	if (!shared)
		return NULL;
	shared->users++;
	for (size_t i = 0; i < COMMON_COUNT; i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(*session->obj, common_names[i]);

		if (map)
			(void)bpf_map__reuse_fd(map, bpf_map__fd(shared->maps[i]));
	}
	return shared;
}

struct data_watch *data_watch_join(const struct bpf_object_skeleton *session)
{
	struct data_watch *watch;

	(void)pthread_mutex_lock(&lock);
	watch = join(session);
	(void)pthread_mutex_unlock(&lock);
	return watch;
}

void data_watch_listens(uint16_t port)
{
	const uint64_t listener = port, net = 0;

	(void)pthread_mutex_lock(&lock);
	if (shared)
		(void)bpf_map__update_elem(shared->maps[COMMON_LISTENED], &listener,
					   sizeof(listener), &net, sizeof(net), BPF_NOEXIST);
	(void)pthread_mutex_unlock(&lock);
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
