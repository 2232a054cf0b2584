/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/resume.h"

#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>

#include "symbolizer/base.h"
#include "user/session.h"
#include "user/tracees.h"

struct resume {
	const struct options *options;
	pthread_t thread;
	bool joined;
	int wake; /* eventfd */
	pid_t pids[TRACEES_MAX];
	size_t n;
	/* the thread's until it has ended */
	struct session *sessions[TRACEES_MAX];
	enum exit_code code;
};

static void *resume_main(void *user)
{
	struct resume *r = user;
	const uint64_t one = 1;
	enum exit_code code;
	size_t i;

	for (i = 0; i < r->n; i++) {
		const struct session_wish wish = {
			.options = r->options, .pid = r->pids[i], .n_sessions = r->n};

		code = session_open(&wish, &r->sessions[i]);
		if (code && !r->code)
			r->code = code;
	}
	if (write(r->wake, &one, sizeof(one)) < 0)
		return NULL; /* cannot be: the counter is far from its limit */
	return NULL;
}

int resume_start(const struct options *options, const pid_t *pids, size_t n,
		 struct resume **ret_resume)
{
	struct resume *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->options = options;
	r->n = n < TRACEES_MAX ? n : TRACEES_MAX;
	memcpy(r->pids, pids, r->n * sizeof(r->pids[0]));
	r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = r->wake < 0 ? -errno : -pthread_create(&r->thread, NULL, resume_main, r);
	if (err) {
		closep(&r->wake);
		free(r);
		return err;
	}
	*ret_resume = r;
	return 0;
}

int resume_fd(const struct resume *r)
{
	return r->wake;
}

static void join(struct resume *r)
{
	if (!r->joined)
		(void)pthread_join(r->thread, NULL);
	r->joined = true;
}

struct session *resume_take(struct resume *r)
{
	struct session *session = NULL;
	size_t i;

	join(r);
	for (i = 0; i < r->n && !session; i++) {
		session = r->sessions[i];
		r->sessions[i] = NULL;
	}
	return session;
}

enum exit_code resume_code(const struct resume *r)
{
	return r->code;
}

void resume_free(struct resume *r)
{
	struct session *session;

	if (!r)
		return;
	while ((session = resume_take(r)))
		session_close(session);
	closep(&r->wake);
	free(r);
}
