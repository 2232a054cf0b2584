/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Threads that get no clock are counted. Here none does: the program of the clock is not loaded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "bpf/config.h"
#include "symbolizer/base.h"
#include "user/log.h"
#include "user/ntrace.skel.h"
#include "user/sampler.h"

static void test_each_thread_without_a_clock_counts_once(void **state)
{
	struct ntrace_bpf *skeleton = ntrace_bpf__open();
	struct sampler_setup setup = {.period_ns = NS_PER_SEC};
	const uint32_t self = (uint32_t)getpid();
	struct sampler *sampler;

	(void)state;
	assert_non_null(skeleton);
	setup.sample = skeleton->progs.nt_cpu_sample;
	assert_int_equal(sampler_new(&setup, &sampler), 0);
	assert_int_equal(sampler_missed(sampler), 0);
	assert_true(sampler_add(sampler, self) < 0);
	assert_true(sampler_add(sampler, self) < 0);
	assert_int_equal(sampler_missed(sampler), 1);
	sampler_remove(sampler, self);
	assert_int_equal(sampler_missed(sampler), 1);
	sampler_stop(sampler);
	assert_int_equal(sampler_add(sampler, self + 1), 0);
	assert_int_equal(sampler_missed(sampler), 1);
	sampler_free(sampler);
	ntrace_bpf__destroy(skeleton);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_thread_without_a_clock_counts_once),
	};

	log_adopt_libbpf();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
