/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/patience.h"

#include <time.h>

#include "symbolizer/base.h"
#include "user/log.h"

static void *watch(void *user)
{
	struct patience *patience = user;
	int err = 0;

	(void)pthread_mutex_lock(&patience->mutex);
	while (!patience->is_over && !err)
		err = pthread_cond_clockwait(&patience->changed, &patience->mutex, CLOCK_MONOTONIC,
					     &patience->until);
	if (!patience->is_over)
		log_info("attaching to pid %d …", patience->pid);
	(void)pthread_mutex_unlock(&patience->mutex);
	return NULL;
}

void patience_begin(struct patience *patience, int pid, uint64_t ns)
{
	*patience = (struct patience){.mutex = PTHREAD_MUTEX_INITIALIZER,
				      .changed = PTHREAD_COND_INITIALIZER,
				      .pid = pid};
	(void)clock_gettime(CLOCK_MONOTONIC, &patience->until);
	ns += (uint64_t)patience->until.tv_nsec;
	patience->until.tv_sec += (time_t)(ns / NS_PER_SEC);
	patience->until.tv_nsec = (long)(ns % NS_PER_SEC);
	patience->runs = !pthread_create(&patience->thread, NULL, watch, patience);
}

void patience_end(struct patience *patience)
{
	if (!patience->runs)
		return;
	(void)pthread_mutex_lock(&patience->mutex);
	patience->is_over = true;
	(void)pthread_cond_signal(&patience->changed);
	(void)pthread_mutex_unlock(&patience->mutex);
	(void)pthread_join(patience->thread, NULL);
	patience->runs = false;
}
