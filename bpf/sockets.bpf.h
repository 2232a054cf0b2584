/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * When data came to the target's sockets, whatever its event loop was doing then.
 *
 * The kernel says "data is there" for each socket of the machine: there it is one look into a map, of the
 * sockets from which the target waits for something. The time kept is that of the data that came last:
 * bytes that are read now were all there from then on. Nothing has to be reset, and what is left of a
 * socket that is gone does no harm, as nothing is read from the next one at that address before
 * its own data comes.
 */
#ifndef NT_BPF_SOCKETS_BPF_H
#define NT_BPF_SOCKETS_BPF_H

#include "bpf/kernel.bpf.h"
#include "bpf/read.bpf.h"

/* struct sock -> when data came last, 0 none has since it is here. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, __u64);
} sockets SEC(".maps");

SEC("raw_tp/sk_data_ready")
int nt_data_ready(const __u64 *ctx)
{
	__u64 sock = ctx[0], *last = bpf_map_lookup_elem(&sockets, &sock);

	if (last)
		*last = bpf_ktime_get_ns();
	return 0;
}

/* The kernel's socket below a uv stream of the current process, 0 none. Global: the verifier looks at it
 * once. */
__noinline __u64 socket_of(__u64 uv)
{
	__u32 fd = read_u32(uv + cfg.uv_stream_fd);
	__u64 files, table, file, socket;

	files = kernel_u64(bpf_get_current_task() + cfg.kernel.task_files);
	table = kernel_u64(files + cfg.kernel.files_table);
	if (fd >= (__u32)kernel_u64(table + cfg.kernel.table_max))
		return 0;
	file = kernel_u64(kernel_u64(table + cfg.kernel.table_files) + fd * 8ULL);
	socket = kernel_u64(file + cfg.kernel.file_private);
	if (!socket || kernel_u64(socket + cfg.kernel.socket_file) != file)
		return 0; /* a pipe or terminal */
	return kernel_u64(socket + cfg.kernel.socket_sock);
}

/* Data is waited for from this uv stream. */
static __always_inline void socket_watch(__u64 uv)
{
	__u64 sock, never = 0;

	if (!cfg.kernel.has_sockets)
		return;
	sock = socket_of(uv);
	if (sock && !bpf_map_lookup_elem(&sockets, &sock))
		bpf_map_update_elem(&sockets, &sock, &never, BPF_NOEXIST);
}

/* How long ago the bytes came that have just been read from this uv stream: as NT_READ_AGE_US. */
static __always_inline __u32 socket_age_us(__u64 uv)
{
	__u64 sock, *last, never = 0, age;

	if (!cfg.kernel.has_sockets)
		return 0;
	sock = socket_of(uv);
	if (!sock)
		return 0;
	last = bpf_map_lookup_elem(&sockets, &sock);
	if (!last) {
		bpf_map_update_elem(&sockets, &sock, &never, BPF_NOEXIST);
		return 0;
	}
	if (!*last)
		return 0;
	age = (bpf_ktime_get_ns() - *last) / 1000;
	return age < NT_READ_AGE_MAX ? age : NT_READ_AGE_MAX;
}

#endif
