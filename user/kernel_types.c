/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/kernel_types.h"

#include <stddef.h>
#include <string.h>

#include <bpf/btf.h>

#include "symbolizer/base.h"
#include "user/log.h"
#include "user/sampler.h"

#define MAX_NESTED 4 /* structs without a name, or between a struct and what is asked for */

/* clang-format off */
static const struct {
	const char *type;
	const char *member;
	const char *within; /* the member is a struct, and this one of its members; NULL: it is not */
	size_t field;       /* of struct nt_kernel */
	size_t flag;        /* that it is needed for */
} wanted[] = {
#define ROW(type, member, within, field, flag) \
	{ type, member, within, offsetof(struct nt_kernel, field), offsetof(struct nt_kernel, flag) }
	ROW("task_struct", "nivcsw", NULL, task_nivcsw, has_switches),
	ROW("task_struct", "sched_info", "run_delay", task_run_delay, has_switches),
	ROW("task_struct", "files", NULL, task_files, has_sockets),
	ROW("files_struct", "fdt", NULL, files_table, has_sockets),
	ROW("fdtable", "max_fds", NULL, table_max, has_sockets),
	ROW("fdtable", "fd", NULL, table_files, has_sockets),
	ROW("file", "private_data", NULL, file_private, has_sockets),
	ROW("socket", "file", NULL, socket_file, has_sockets),
	ROW("socket", "sk", NULL, socket_sock, has_sockets),
	ROW("sock_common", "skc_num", NULL, sock_number, has_listened),
	ROW("sock_common", "skc_family", NULL, sock_family, has_listened),
	ROW("sock_common", "skc_net", "net", sock_net, has_listened),
	ROW("sock", "sk_protocol", NULL, sock_protocol, has_listened),
	ROW("tcp_sock", "copied_seq", NULL, tcp_copied, has_listened),
	ROW("unix_sock", "addr", NULL, unix_address, has_unix),
#undef ROW
};
/* clang-format on */

static uint32_t *at(struct nt_kernel *kernel, size_t offset)
{
	return (uint32_t *)((char *)kernel + offset);
}

/* Bit offset of a member, also of one in structs without a name, as a plugin of the compiler's makes them.
 * Its type in *ret_type. -ENOENT when there is none. */
static int64_t find_member(const struct btf *btf, const struct btf_type *type, const char *name,
			   uint32_t *ret_type, int depth)
{
	const struct btf_member *members = btf_members(type);

	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		const struct btf_type *inner = btf__type_by_id(btf, members[i].type);
		const char *its_name = btf__name_by_offset(btf, members[i].name_off);
		int64_t offset = btf_member_bit_offset(type, i), more;

		if (its_name && !strcmp(its_name, name)) {
			*ret_type = members[i].type;
			return btf_member_bitfield_size(type, i) ? -ENOENT : offset;
		}
		if ((its_name && *its_name) || !inner || !btf_is_composite(inner) || !depth)
			continue;
		more = find_member(btf, inner, name, ret_type, depth - 1);
		if (more >= 0)
			return offset + more;
	}
	return -ENOENT;
}

static int64_t find_offset(const struct btf *btf, const struct btf_type *type, size_t row)
{
	const struct btf_type *inner;
	uint32_t id = 0;
	int64_t offset = find_member(btf, type, wanted[row].member, &id, MAX_NESTED), more;

	if (offset < 0 || !wanted[row].within)
		return offset;
	inner = btf__type_by_id(btf, (uint32_t)btf__resolve_type(btf, id)); /* of a typedef */
	if (!inner || !btf_is_composite(inner))
		return -ENOENT;
	more = find_member(btf, inner, wanted[row].within, &id, MAX_NESTED);
	return more < 0 ? more : offset + more;
}

/* One struct of the kernel: what of it is asked for. Returns a bit for each row found. */
static uint32_t take_struct(const struct btf *btf, const struct btf_type *type,
			    struct nt_kernel *kernel)
{
	const char *name = btf__name_by_offset(btf, type->name_off);
	uint32_t found = 0;

	for (size_t i = 0; name && i < ARRAY_SIZE(wanted); i++) {
		int64_t offset;

		if (strcmp(name, wanted[i].type) != 0)
			continue;
		offset = find_offset(btf, type, i);
		if (offset < 0 || offset % 8)
			continue;
		*at(kernel, wanted[i].field) = (uint32_t)(offset / 8);
		found |= 1U << i;
	}
	return found;
}

static void find_all(struct nt_kernel *ret_kernel)
{
	struct btf *btf = btf__load_vmlinux_btf();
	uint32_t n = btf ? btf__type_cnt(btf) : 0, found = 0;

	*ret_kernel = (struct nt_kernel){0};
	for (uint32_t id = 1; id < n; id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (type && btf_is_struct(type))
			found |= take_struct(btf, type, ret_kernel);
	}
	ret_kernel->has_switches = n > 0;
	/* the kernel's declaration of the tracepoint: since Linux 6.3 */
	ret_kernel->has_sockets = n > 0 && btf__find_by_name_kind(btf, "btf_trace_sk_data_ready",
								  BTF_KIND_TYPEDEF) > 0;
	ret_kernel->has_listened = ret_kernel->has_unix = ret_kernel->has_sockets;
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!(found & 1U << i))
			*at(ret_kernel, wanted[i].flag) = 0;
	btf__free(btf);
}

void kernel_types_choose(const struct options *options, struct nt_kernel *ret_kernel)
{
	char why[512];

	*ret_kernel = (struct nt_kernel){0};
	if (options->on_cpu || options->ready_times)
		find_all(ret_kernel);
	ret_kernel->has_switches &= options->on_cpu && !sampler_supported(why, sizeof(why));
	ret_kernel->has_sockets &= options->ready_times;
	ret_kernel->has_listened &= ret_kernel->has_sockets;
	ret_kernel->has_unix &= ret_kernel->has_listened;
	if (options->on_cpu && !ret_kernel->has_switches)
		log_warn_once(
			"--on-cpu does not work here: it needs BTF of the kernel and perf events");
	if (options->ready_times && !ret_kernel->has_sockets)
		log_debug("waits for the network last until the event loop looks, not until data "
			  "comes: that needs Linux 6.3 with BTF");
}
