/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/follow.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>

#include "symbolizer/base.h"
#include "symbolizer/descendants.h"
#include "user/log.h"
#include "user/session.h"
#include "user/tracees.h"

#define POLL_NS       (200 * NS_PER_MS)
#define MAX_SIGHTINGS 50   /* tries, some 10 s: then it will not become traceable */
#define MAX_KNOWN     4096 /* descendants of all kinds at one time */

/* One descendant, as long as it lives. */
struct known {
	pid_t pid;
	uint64_t program; /* inode of its executable: another one is another chance */
	uint32_t sightings;
	bool settled; /* attached to, or given up */
	bool seen;    /* in this round */
};

struct follow {
	const struct options *options;
	pthread_t thread;
	pthread_mutex_t lock; /* the sessions that wait */
	struct session *ready[TRACEES_MAX];
	size_t n_ready;
	atomic_bool stop;
	int wake; /* eventfd */
	/* the thread's alone */
	struct known *known;
	size_t n_known;
	size_t capacity;
	pid_t roots[TRACEES_MAX]; /* traced and alive: where descendants are looked for */
	size_t n_roots;
	size_t n_attached;
	bool told_full;
};

static struct known *find_known(struct follow *f, pid_t pid)
{
	size_t i;

	for (i = 0; i < f->n_known; i++)
		if (f->known[i].pid == pid)
			return &f->known[i];
	if (f->n_known == MAX_KNOWN ||
	    array_reserve(&f->known, &f->capacity, f->n_known, sizeof(*f->known)))
		return NULL;
	f->known[f->n_known] = (struct known){.pid = pid};
	return &f->known[f->n_known++];
}

/* Returns false when nobody takes it any more. */
static bool hand_over(struct follow *f, struct session *session)
{
	const uint64_t one = 1;
	bool room;

	pthread_mutex_lock(&f->lock);
	room = f->n_ready < TRACEES_MAX;
	if (room)
		f->ready[f->n_ready++] = session;
	pthread_mutex_unlock(&f->lock);
	return room && write(f->wake, &one, sizeof(one)) > 0;
}

static void attach(struct follow *f, struct known *known)
{
	const struct session_wish wish = {
		.options = f->options, .pid = known->pid, .n_sessions = TRACEES_MAX, .quiet = true};
	struct session *session = NULL;
	enum exit_code code = session_open(&wish, &session);

	if (session) {
		known->settled = true;
		f->n_attached++;
		if (f->n_roots < TRACEES_MAX)
			f->roots[f->n_roots++] = known->pid;
		if (!hand_over(f, session))
			session_close(session);
	} else if (code && known->sightings >= MAX_SIGHTINGS) {
		known->settled = true;
		log_warn(
			"pid %d is a node process below those traced, but cannot be followed. Try: "
			"ntrace-bpf doctor -p %d",
			known->pid, known->pid);
	}
}

static void see(struct follow *f, pid_t pid)
{
	struct known *known = find_known(f, pid);
	uint64_t program;

	if (!known || !descendants_program(pid, &program))
		return;
	known->seen = true;
	if (known->program != program) {
		known->program = program;
		known->sightings = 0;
		known->settled = !descendants_is_node(pid);
	}
	if (known->settled || known->sightings++ == 0)
		return;
	if (f->options->n_pids + f->n_attached >= TRACEES_MAX) {
		known->settled = true;
		if (!f->told_full)
			log_warn("more than %d processes: the rest is not followed", TRACEES_MAX);
		f->told_full = true;
		return;
	}
	attach(f, known);
}

/* Forgets the dead, whose ids are given to others. */
static void forget_unseen(struct follow *f)
{
	size_t i, kept = 0;

	for (i = 0; i < f->n_known; i++)
		if (f->known[i].seen)
			f->known[kept++] = f->known[i];
	f->n_known = kept;
}

static void forget_dead_roots(struct follow *f)
{
	size_t i, kept = 0;
	uint64_t program;

	for (i = 0; i < f->n_roots; i++)
		if (descendants_program(f->roots[i], &program))
			f->roots[kept++] = f->roots[i];
	f->n_roots = kept;
}

static void look(struct follow *f)
{
	pid_t pids[DESCENDANTS_MAX];
	size_t i, n;

	for (i = 0; i < f->n_known; i++)
		f->known[i].seen = false;
	forget_dead_roots(f);
	n = descendants_find(f->roots, f->n_roots, pids, ARRAY_SIZE(pids));
	for (i = 0; i < n && !atomic_load(&f->stop); i++)
		see(f, pids[i]);
	forget_unseen(f);
}

static void *follow_main(void *user)
{
	const struct timespec pause = {.tv_nsec = (long)POLL_NS};
	struct follow *f = user;

	while (!atomic_load(&f->stop)) {
		look(f);
		(void)nanosleep(&pause, NULL);
	}
	return NULL;
}

int follow_start(const struct options *options, struct follow **ret_follow)
{
	struct follow *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->options = options;
	f->n_roots = options->n_pids < TRACEES_MAX ? options->n_pids : TRACEES_MAX;
	memcpy(f->roots, options->pids, f->n_roots * sizeof(f->roots[0]));
	pthread_mutex_init(&f->lock, NULL);
	f->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = f->wake < 0 ? -errno : -pthread_create(&f->thread, NULL, follow_main, f);
	if (err) {
		closep(&f->wake);
		pthread_mutex_destroy(&f->lock);
		free(f);
		return err;
	}
	*ret_follow = f;
	return 0;
}

int follow_fd(const struct follow *f)
{
	return f->wake;
}

struct session *follow_take(struct follow *f)
{
	struct session *session = NULL;
	uint64_t count;

	pthread_mutex_lock(&f->lock);
	if (f->n_ready) {
		session = f->ready[0];
		f->n_ready--;
		for (size_t i = 0; i < f->n_ready; i++)
			f->ready[i] = f->ready[i + 1];
	} else if (read(f->wake, &count, sizeof(count)) < 0) {
		count = 0;
	}
	pthread_mutex_unlock(&f->lock);
	return session;
}

void follow_stop(struct follow *f)
{
	struct session *session;

	if (!f)
		return;
	atomic_store(&f->stop, true);
	(void)pthread_join(f->thread, NULL);
	while ((session = follow_take(f)))
		session_close(session);
	pthread_mutex_destroy(&f->lock);
	closep(&f->wake);
	free(f->known);
	free(f);
}
