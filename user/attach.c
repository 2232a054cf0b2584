/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/attach.h"

#include <pthread.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "symbolizer/base.h"
#include "user/privilege.h"
#include "user/uprobe_multi.h"

#define MAX_CLOSERS 64

struct attachment {
	int *links; /* descriptors of uprobe_multi links */
	size_t n_links;
	size_t links_capacity;
	struct bpf_link **perf_links;
	size_t n_perf_links;
	size_t perf_links_capacity;
	size_t n_probes;
};

/* Closes every MAX_CLOSERS-th link. */
struct closer {
	const struct attachment *a;
	size_t first;
	pthread_t thread;
	bool started;
};

static const char *const program_names[] = {
#define PROGRAM_NAME(name, program, is_return) [NT_SHAPE_##name] = "nt_" #program,
	NT_SHAPES(PROGRAM_NAME)
#undef PROGRAM_NAME
};

/*
 * These come last: an end whose beginning was not seen is dropped, a beginning without its end would
 * stay open. So scopes, microtask runs and writes are seen ending before they are seen beginning, and
 * what a request does is seen from the moment on that the request itself is. A response on HTTP/2 is
 * one of a request from before unless the stream was seen; the headers of such a one say nothing.
 */
static const enum nt_shape attach_last[] = {
	NT_SHAPE_SCOPE_OPEN_ENV, NT_SHAPE_SCOPE_OPEN_WRAP, NT_SHAPE_MICROTASKS_BEGIN,
	NT_SHAPE_WORK_START,     NT_SHAPE_STREAM_WRITE,    NT_SHAPE_TLS_WRITE,
	NT_SHAPE_HTTP2_RESPONSE, NT_SHAPE_HTTP2_HEADERS,   NT_SHAPE_HTTP2_STREAM,
	NT_SHAPE_PARSER_URL,     NT_SHAPE_PARSER,
};

int attach_choose(enum attach_choice choice, pid_t pid, enum attach_method *ret_method, char *why,
		  size_t why_len)
{
	int multi = choice == ATTACH_PERF ? 0 : uprobe_multi_supported();

	if (multi < 0) {
		(void)snprintf(why, why_len, "the kernel does not let us load BPF programs");
		return -EPERM;
	}
	if (multi) {
		*ret_method = ATTACH_BY_MULTI;
		return 0;
	}
	if (choice == ATTACH_MULTI) {
		(void)snprintf(
			why, why_len,
			"this kernel has no uprobe_multi links (Linux 6.10 has). Try without "
			"--attach=multi");
		return -EOPNOTSUPP;
	}
	if (!privilege_has_sys_admin()) {
		(void)snprintf(
			why, why_len,
			"this kernel's uprobes need CAP_SYS_ADMIN. Try: sudo ntrace-bpf -p %d",
			pid);
		return -EPERM;
	}
	*ret_method = ATTACH_BY_PERF;
	return 0;
}

struct bpf_program *attach_program(const struct bpf_object *object, enum nt_shape shape)
{
	return bpf_object__find_program_by_name(object, program_names[shape]);
}

size_t attach_sites_of(const struct site_list *sites, enum nt_shape shape)
{
	size_t i, n = 0;

	for (i = 0; i < sites->n_sites; i++)
		n += sites->sites[i].shape == shape;
	return n;
}

static bool is_of(const struct site *site, enum nt_shape shape, size_t file)
{
	return site->shape == shape && site->in_library == (file == ATTACH_LIBRARY);
}

static size_t count_sites(const struct site_list *sites, enum nt_shape shape, size_t file)
{
	size_t i, n = 0;

	for (i = 0; i < sites->n_sites; i++)
		n += is_of(&sites->sites[i], shape, file);
	return n;
}

/* The sites of one shape in one file: n offsets, then their n cookies. */
static uint64_t *gather_sites(const struct site_list *sites, enum nt_shape shape, size_t file,
			      size_t n, bool *ret_is_return)
{
	uint64_t *values;
	size_t i, at = 0;

	values = calloc(n, 2 * sizeof(*values));
	if (!values)
		return NULL;
	for (i = 0; i < sites->n_sites; i++) {
		if (!is_of(&sites->sites[i], shape, file))
			continue;
		values[at] = sites->sites[i].offset;
		values[n + at++] = sites->sites[i].cookie;
		*ret_is_return = sites->sites[i].is_return;
	}
	return values;
}

static int add_multi(struct attachment *a, const struct attach_request *request,
		     enum nt_shape shape, size_t file)
{
	size_t n_sites = count_sites(request->sites, shape, file);
	struct uprobe_multi link = {
		.program = bpf_program__fd(attach_program(request->object, shape)),
		.pid = request->pid,
		.path = request->paths[file],
		.n_sites = n_sites,
	};
	uint64_t *values;
	int fd;

	if (!n_sites)
		return 0;
	if (array_reserve(&a->links, &a->links_capacity, a->n_links, sizeof(*a->links)))
		return -ENOMEM;
	values = gather_sites(request->sites, shape, file, n_sites, &link.is_return);
	if (!values)
		return -ENOMEM;
	link.offsets = values;
	link.cookies = values + n_sites;
	fd = uprobe_multi_link(&link);
	free(values);
	if (fd < 0)
		return fd;
	a->links[a->n_links++] = fd;
	a->n_probes += n_sites;
	return 0;
}

static int add_perf_site(struct attachment *a, const struct attach_request *request,
			 const struct site *site)
{
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .bpf_cookie = site->cookie, .retprobe = site->is_return);
	struct bpf_link *link;

	if (array_reserve(&a->perf_links, &a->perf_links_capacity, a->n_perf_links,
			  sizeof(struct bpf_link *)))
		return -ENOMEM;
	link = bpf_program__attach_uprobe_opts(attach_program(request->object, site->shape),
					       request->pid, request->paths[site->in_library],
					       site->offset, &opts);
	if (!link)
		return -errno;
	a->perf_links[a->n_perf_links++] = link;
	a->n_probes++;
	return 0;
}

static int add_perf(struct attachment *a, const struct attach_request *request, enum nt_shape shape)
{
	size_t i;
	int err = 0;

	for (i = 0; i < request->sites->n_sites && !err; i++)
		if (request->sites->sites[i].shape == shape)
			err = add_perf_site(a, request, &request->sites->sites[i]);
	return err;
}

static int add_shape(struct attachment *a, const struct attach_request *request,
		     enum nt_shape shape, char *why, size_t why_len)
{
	size_t file;
	int err = 0;

	if (attach_sites_of(request->sites, shape) == 0)
		return 0;
	if (request->interrupted && request->interrupted(request->user))
		return -ECANCELED;
	if (!attach_program(request->object, shape))
		err = -ENOENT;
	else if (request->method == ATTACH_BY_MULTI)
		for (file = 0; file < ATTACH_FILES && !err; file++)
			err = add_multi(a, request, shape, file);
	else
		err = add_perf(a, request, shape);
	if (err)
		(void)snprintf(why, why_len, "the kernel refuses the probes of '%s': %s",
			       program_names[shape], strerror(-err));
	return err;
}

static bool comes_last(enum nt_shape shape)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attach_last); i++)
		if (attach_last[i] == shape)
			return true;
	return false;
}

enum nt_shape attach_nth(size_t i)
{
	const size_t n_first = NT_SHAPE_COUNT - ARRAY_SIZE(attach_last);
	unsigned int shape;

	if (i >= n_first)
		return attach_last[i - n_first];
	for (shape = 0; comes_last((enum nt_shape)shape) || i--; shape++)
		;
	return (enum nt_shape)shape;
}

int attach_open(const struct attach_request *request, struct attachment **ret_attachment, char *why,
		size_t why_len)
{
	struct attachment *a;
	size_t i;
	int err = 0;

	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	for (i = 0; i < NT_SHAPE_COUNT && !err; i++)
		err = add_shape(a, request, attach_nth(i), why, why_len);
	if (err) {
		attach_close(a);
		return err;
	}
	*ret_attachment = a;
	return 0;
}

static void close_link(const struct attachment *a, size_t i)
{
	if (i < a->n_links)
		(void)close(a->links[i]);
	else
		(void)bpf_link__destroy(a->perf_links[i - a->n_links]);
}

static void *close_some(void *user)
{
	struct closer *closer = user;
	size_t i;

	for (i = closer->first; i < closer->a->n_links + closer->a->n_perf_links; i += MAX_CLOSERS)
		close_link(closer->a, i);
	return NULL;
}

/*
 * Each close waits for the kernel's grace periods, 50 to 300 ms long. Many at once wait for the same
 * ones, so that all probes are gone in little more than the time of one.
 */
void attach_close(struct attachment *a)
{
	struct closer closers[MAX_CLOSERS];
	size_t i;

	if (!a)
		return;
	for (i = 0; i < MAX_CLOSERS; i++) {
		closers[i] = (struct closer){.a = a, .first = i};
		closers[i].started =
			i < a->n_links + a->n_perf_links &&
			!pthread_create(&closers[i].thread, NULL, close_some, &closers[i]);
	}
	for (i = 0; i < MAX_CLOSERS; i++) {
		if (closers[i].started)
			(void)pthread_join(closers[i].thread, NULL);
		else
			(void)close_some(&closers[i]);
	}
	free(a->links);
	free(a->perf_links);
	free(a);
}

size_t attach_probe_count(const struct attachment *a)
{
	return a->n_probes;
}
