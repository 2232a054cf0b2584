/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/session.h"

#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "user/attach.h"
#include "user/bpf_config.h"
#include "user/clock.h"
#include "user/data_watch.h"
#include "user/kernel_types.h"
#include "user/log.h"
#include "user/ntrace.skel.h"
#include "user/patience.h"
#include "user/sampler.h"
#include "user/signals.h"
#include "user/thread_watch.h"
#include "user/uprobe_multi.h"

#define WHY_MAX         512
#define RING_BYTES      (32u << 20)
#define RING_SHARED     (16u << 20) /* of each of several processes */
#define SCRATCH_PER_CPU 4
#define PATIENCE_NS     (NS_PER_SEC * 5 / 4) /* longer than who has just begun is waited for */
#define START_POLL_NS   (20 * NS_PER_MS)

struct session {
	const struct options *options;
	pid_t pid;
	bool quiet; /* failures are no news */
	uint32_t ring_bytes;
	struct target target;
	struct ntrace_bpf *skeleton;
	struct attachment *attachment; /* NULL when detached */
	struct sampler *sampler;       /* NULL: no samples */
	bool can_sample;
	struct nt_kernel kernel;       /* what of it is known, and used */
	struct data_watch *data_watch; /* NULL: nobody tells when data comes */
	size_t n_probes;
	enum attach_method method;
	enum nt_transport transport;
	int n_cpus;
	uint64_t start_ns;
};

static enum exit_code fail(const struct session *s, enum exit_code code, const char *why)
{
	const bool gone = !process_alive(s->target.process);

	if (gone)
		why = "it has just ended";
	if (s->quiet)
		log_debug("cannot attach to pid %d: %s", s->pid, why);
	else
		log_err(0, "cannot attach to pid %d: %s", s->pid, why);
	return gone ? EXIT_CODE_NO_TARGET : code;
}

static enum exit_code choose_method(struct session *s)
{
	char why[WHY_MAX] = "";

	if (!attach_choose(s->options->attach, s->pid, &s->method, why, sizeof(why)))
		return EXIT_CODE_OK;
	return fail(s, EXIT_CODE_PRIVILEGE, why);
}

static enum exit_code choose_transport(struct session *s)
{
	bool ring = libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL) == 1;

	if (s->options->transport == TRANSPORT_RING && !ring)
		return fail(s, EXIT_CODE_PRIVILEGE,
			    "this kernel has no BPF ring buffer (Linux 5.8 has). Try: "
			    "--transport=perf");
	s->transport = ring && s->options->transport != TRANSPORT_PERF ? NT_TRANSPORT_RING
								       : NT_TRANSPORT_PERF;
	return EXIT_CODE_OK;
}

/* Without them all else works. */
static enum exit_code choose_extras(struct session *s)
{
	char why[WHY_MAX] = "";

	s->can_sample = s->options->cpu_samples && s->options->stacks &&
			!sampler_supported(why, sizeof(why));
	if (why[0])
		log_warn_once("long runs of JavaScript have no line, CPU samples do not work: %s",
			      why);
	kernel_types_choose(s->options, &s->kernel);
	return EXIT_CODE_OK;
}

static void fill_config(const struct session *s, struct nt_config *config)
{
	bpf_config_fill(s->options, &s->target, config);
	config->tgid = (__u32)s->pid;
	config->transport = s->transport;
	config->kernel = s->kernel;
	config->sample_ns = s->can_sample ? NS_PER_SEC / s->options->cpu_samples : 0;
}

static int size_maps(struct session *s)
{
	const bool ring = s->transport == NT_TRANSPORT_RING;
	int err;

	err = bpf_map__set_max_entries(s->skeleton->maps.scratch,
				       (__u32)s->n_cpus * SCRATCH_PER_CPU);
	if (!err)
		err = bpf_map__set_max_entries(s->skeleton->maps.ring, s->ring_bytes);
	/* The buffer that is not used costs nothing, and may be one that this kernel lacks. */
	if (!err)
		err = bpf_map__set_autocreate(s->skeleton->maps.ring, ring);
	if (!err)
		err = bpf_map__set_autocreate(s->skeleton->maps.perf, !ring);
	return err;
}

/* Only programs that have a site are loaded, and they are told how they will be attached. */
static int choose_programs(struct session *s)
{
	struct bpf_program *program;
	bool wanted;
	int err;

	for (unsigned int shape = 0; shape < NT_SHAPE_COUNT; shape++) {
		wanted = attach_sites_of(&s->target.sites, (enum nt_shape)shape) > 0;
		program = attach_program(s->skeleton->obj, (enum nt_shape)shape);
		if (!program && wanted)
			return -ENOENT;
		if (!program)
			continue;
		err = bpf_program__set_autoload(program, wanted);
		if (!err && s->method == ATTACH_BY_MULTI)
			err = bpf_program__set_expected_attach_type(
				program, (enum bpf_attach_type)UPROBE_MULTI_ATTACH_TYPE);
		if (err)
			return err;
	}
	err = bpf_program__set_autoload(s->skeleton->progs.nt_cpu_sample, s->can_sample);
	if (!err)
		err = bpf_program__set_autoload(s->skeleton->progs.nt_switch,
						s->kernel.has_switches);
	if (!err) /* one is enough for all sessions */
		err = bpf_program__set_autoload(s->skeleton->progs.nt_data_ready, false);
	return err;
}

/* The main thread is known from the start; workers are met at their first event. */
static int put_main_thread(const struct session *s)
{
	const struct node_layout *layout = &s->target.layout;
	const struct nt_thread thread = {
		.env = layout->main_env,
		.async_ids = layout->async_ids,
		.immediate_info = layout->immediate_info,
		.tick_info = layout->tick_info,
		.life = NT_FIRST_LIFE,
	};
	const __u32 tid = (__u32)s->pid;

	return bpf_map__update_elem(s->skeleton->maps.threads, &tid, sizeof(tid), &thread,
				    sizeof(thread), BPF_ANY);
}

static enum exit_code load_failed(const struct session *s, int err)
{
	char why[WHY_MAX];

	if (err == -ENOMEM) {
		(void)snprintf(why, sizeof(why), "no memory for the %u MiB event buffer",
			       s->ring_bytes >> 20);
		return fail(s, EXIT_CODE_FAILURE, why);
	}
	if (err == -EPERM)
		return fail(s, EXIT_CODE_PRIVILEGE,
			    "the kernel does not let us load BPF programs, perhaps because of "
			    "lockdown or a container. Try: cat /sys/kernel/security/lockdown");
	(void)snprintf(why, sizeof(why),
		       "this kernel does not accept our BPF programs: %s. Try -vv for its reasons",
		       strerror(-err));
	return fail(s, EXIT_CODE_PRIVILEGE, why);
}

static int try_load(struct session *s)
{
	int err;

	s->skeleton = ntrace_bpf__open();
	if (!s->skeleton)
		return errno ? -errno : -ENOMEM;
	fill_config(s, (struct nt_config *)&s->skeleton->rodata->cfg);
	err = size_maps(s);
	if (!err)
		err = choose_programs(s);
	if (!err && s->kernel.has_sockets)
		s->data_watch = data_watch_join(s->skeleton->skeleton);
	if (!err)
		err = ntrace_bpf__load(s->skeleton);
	return err ? err : put_main_thread(s);
}

/* Perhaps it was one of these that was refused. */
static bool give_up_extras(struct session *s)
{
	if (!s->can_sample && !s->kernel.has_switches && !s->kernel.has_sockets)
		return false;
	ntrace_bpf__destroy(s->skeleton);
	data_watch_leave(&s->data_watch);
	s->can_sample = false;
	s->kernel = (struct nt_kernel){0};
	return true;
}

/* Kernels before 6.1 want other maps of programs that perf events run: then it goes without those. */
static enum exit_code load(struct session *s)
{
	int err;

	s->n_cpus = libbpf_num_possible_cpus();
	if (s->n_cpus < 0)
		return load_failed(s, s->n_cpus);
	err = try_load(s);
	if (err && err != -ENOMEM && give_up_extras(s)) {
		err = try_load(s);
		if (!err)
			log_warn_once("long runs of JavaScript have no line on this kernel");
	}
	return err ? load_failed(s, err) : EXIT_CODE_OK;
}

/* Between two steps: whether the user gave up. */
static bool interrupted(void *user)
{
	(void)user;
	return signals_end_pending();
}

static enum exit_code attach(struct session *s)
{
	const struct attach_request request = {
		.object = s->skeleton->obj,
		.sites = &s->target.sites,
		.paths = {s->target.files[TARGET_NODE].path, s->target.files[TARGET_LIBRARY].path},
		.pid = s->pid,
		.method = s->method,
		.interrupted = interrupted,
		.user = s,
	};
	char why[WHY_MAX] = "out of memory";
	int err;

	err = attach_open(&request, &s->attachment, why, sizeof(why));
	if (err == -ECANCELED)
		return EXIT_CODE_OK;
	if (err)
		return fail(s,
			    err == -EPERM || err == -EACCES ? EXIT_CODE_PRIVILEGE
							    : EXIT_CODE_FAILURE,
			    why);
	if (!process_alive(s->target.process))
		return fail(s, EXIT_CODE_NO_TARGET, why);
	s->n_probes = attach_probe_count(s->attachment);
	return EXIT_CODE_OK;
}

/* Workers are sampled from their first look on: session_look_at_threads(). */
static enum exit_code start_sampling(struct session *s)
{
	struct sampler_setup setup = {0};
	int err;

	if (s->can_sample) {
		setup.sample = s->skeleton->progs.nt_cpu_sample;
		setup.period_ns = NS_PER_SEC / s->options->cpu_samples;
	}
	if (s->kernel.has_switches)
		setup.leave = s->skeleton->progs.nt_switch;
	if (!setup.sample && !setup.leave)
		return EXIT_CODE_OK;
	err = sampler_new(&setup, &s->sampler);
	if (!err)
		err = sampler_add(s->sampler, (uint32_t)s->pid);
	if (err)
		log_warn_once("CPU samples%s do not work in full: %s",
			      setup.leave ? " or --on-cpu" : "", strerror(-err));
	return EXIT_CODE_OK;
}

/* A node that has only just started is waited for; a follower comes back by itself. */
static enum exit_code open_target(struct session *s)
{
	const struct timespec pause = {.tv_nsec = (long)START_POLL_NS};
	enum exit_code code;

	for (;;) {
		code = target_open(s->options, s->pid, s->quiet, &s->target);
		if (!code || s->quiet ||
		    !target_is_starting(&s->target, clock_monotonic_ns() - s->start_ns))
			break;
		if (interrupted(s))
			return EXIT_CODE_OK;
		target_done(&s->target);
		(void)nanosleep(&pause, NULL);
	}
	if (code)
		target_complain(&s->target);
	return code;
}

static enum exit_code open_steps(struct session *s)
{
	static enum exit_code (*const steps[])(struct session *) = {
		choose_method, choose_transport, choose_extras, load, attach, start_sampling,
	};
	enum exit_code code;
	size_t i;

	code = open_target(s);
	for (i = 0; i < ARRAY_SIZE(steps) && !code && !interrupted(s); i++)
		code = steps[i](s);
	return code;
}

enum exit_code session_open(const struct session_wish *wish, struct session **ret_session)
{
	struct patience patience;
	enum exit_code code;
	struct session *s;

	s = calloc(1, sizeof(*s));
	if (!s) {
		log_err(-ENOMEM, "cannot start");
		return EXIT_CODE_FAILURE;
	}
	s->options = wish->options;
	s->pid = wish->pid;
	s->quiet = wish->quiet;
	s->ring_bytes = wish->n_sessions > 1 ? RING_SHARED : RING_BYTES;
	s->start_ns = clock_monotonic_ns();
	if (!s->quiet)
		patience_begin(&patience, s->pid, PATIENCE_NS);
	code = open_steps(s);
	if (!s->quiet)
		patience_end(&patience);
	if (code || !s->attachment) {
		session_close(s);
		s = NULL;
	}
	*ret_session = s;
	return code;
}

void session_detach(struct session *s)
{
	if (s->sampler)
		sampler_stop(s->sampler);
	attach_close(s->attachment);
	s->attachment = NULL;
	data_watch_leave(&s->data_watch);
}

void session_close(struct session *s)
{
	if (!s)
		return;
	session_detach(s);
	sampler_free(s->sampler);
	ntrace_bpf__destroy(s->skeleton);
	target_done(&s->target);
	free(s);
}

const struct target *session_target(const struct session *s)
{
	return &s->target;
}

size_t session_probe_count(const struct session *s)
{
	return s->n_probes;
}

enum nt_transport session_transport(const struct session *s)
{
	return s->transport;
}

int session_events_fd(const struct session *s)
{
	return bpf_map__fd(s->transport == NT_TRANSPORT_RING ? s->skeleton->maps.ring
							     : s->skeleton->maps.perf);
}

uint64_t session_counter(const struct session *s, enum nt_counter counter)
{
	_cleanup_(freep) uint64_t *values = calloc((size_t)s->n_cpus, sizeof(*values));
	const __u32 key = counter;
	uint64_t sum = 0;

	if (!values || bpf_map__lookup_elem(s->skeleton->maps.counters, &key, sizeof(key), values,
					    (size_t)s->n_cpus * sizeof(*values), 0))
		return 0;
	for (int i = 0; i < s->n_cpus; i++)
		sum += values[i];
	return sum;
}

uint64_t session_unsampled(const struct session *s)
{
	return s->sampler ? sampler_missed(s->sampler) : 0;
}

int session_threads_fd(const struct session *s)
{
	return bpf_map__fd(s->skeleton->maps.threads);
}

int session_thread(const struct session *s, uint32_t tid, struct nt_thread *ret_thread)
{
	return bpf_map_lookup_elem(session_threads_fd(s), &tid, ret_thread) ? -ENOENT : 0;
}

void session_look_at_threads(const struct session *s)
{
	thread_watch_look(session_threads_fd(s), s->pid, s->sampler);
}

void session_stack_verdict(const struct session *session, uint64_t stack, uint8_t verdict)
{
	const struct bpf_map *map = session->skeleton->maps.stack_verdicts;

	/* a hint: one that cannot be given does no harm */
	if (verdict)
		(void)bpf_map__update_elem(map, &stack, sizeof(stack), &verdict, sizeof(verdict),
					   BPF_ANY);
	else
		(void)bpf_map__delete_elem(map, &stack, sizeof(stack), 0);
}

void session_births_since(const struct session *session, uint32_t tid, uint32_t seq)
{
	(void)bpf_map__update_elem(session->skeleton->maps.births_since, &tid, sizeof(tid), &seq,
				   sizeof(seq), BPF_ANY);
}
