/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Places the loaded programs at the sites of one process: by uprobe_multi links, or by one perf
 * uprobe per site where the kernel has no such links. All of it hangs on descriptors of this
 * process: closed, or the tracer killed, nothing is left in the target.
 */
#ifndef NT_USER_ATTACH_H
#define NT_USER_ATTACH_H

#include <stdbool.h>
#include <stddef.h>

#include "symbolizer/sites.h"
#include "user/options.h"

struct bpf_object;
struct bpf_program;
struct attachment;

enum attach_method {
	ATTACH_BY_MULTI,
	ATTACH_BY_PERF
};

enum {
	ATTACH_NODE,
	ATTACH_LIBRARY, /* sites that are `in_library` */
	ATTACH_FILES,
};

struct attach_request {
	struct bpf_object *object;
	const struct site_list *sites;
	const char *paths[ATTACH_FILES]; /* of node, of its library */
	pid_t pid;
	enum attach_method method;
	/* Asked between two programs; true ends it with -ECANCELED. May be NULL. */
	bool (*interrupted)(void *user);
	void *user;
};

/*
 * Decides how to attach, before loading: the programs have to know. Returns 0 and *ret_method,
 * -EPERM when programs cannot be loaded at all, or -EOPNOTSUPP with a sentence in `why`.
 */
int attach_choose(enum attach_choice choice, pid_t pid, enum attach_method *ret_method, char *why,
		  size_t why_len);

/* The program of a shape, or NULL when the object has none. */
struct bpf_program *attach_program(const struct bpf_object *object, enum nt_shape shape);
/* Number of sites of that shape. */
size_t attach_sites_of(const struct site_list *sites, enum nt_shape shape);

/* The shape whose probes are attached as the i-th, i below NT_SHAPE_COUNT. */
enum nt_shape attach_nth(size_t i);
/* Attaches everything. Returns 0 and *ret_attachment, or a negative errno with a sentence in `why`;
 * then nothing is attached. */
int attach_open(const struct attach_request *request, struct attachment **ret_attachment, char *why,
		size_t why_len);
/* Removes all probes; the target runs clean when it returns. */
void attach_close(struct attachment *attachment);

/* Number of probes placed. */
size_t attach_probe_count(const struct attachment *attachment);

#endif
