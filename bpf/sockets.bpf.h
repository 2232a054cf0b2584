/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * When data came to the target's sockets, whatever its event loop was doing then.
 *
 * The kernel says "data is there" for each socket of the machine: there it is one look into a map, of the
 * sockets from which the target waits for something, and for those that are not in it another, of what the
 * target listens to: a connection is told from its first byte on, also before the target accepts it. The time
 * kept is that of the data that came last: bytes that are read now were all there from then on. Nothing has
 * to be reset, and what is left of a socket that is gone does no harm, as nothing is read from the next one at
 * that address before its own data comes.
 */
#ifndef NT_BPF_SOCKETS_BPF_H
#define NT_BPF_SOCKETS_BPF_H

#include "bpf/kernel.bpf.h"
#include "bpf/read.bpf.h"

/* linux: include/linux/socket.h, include/uapi/linux/in.h */
#define AF_UNIX     1
#define AF_INET     2
#define AF_INET6    10
#define IPPROTO_TCP 6

struct socket {
	__u64 last; /* when data came last, 0 none has since it is here */
	__u64 came; /* the same of the read that parts of are looked at … */
	__u32 read; /* … up to this byte of the stream; has_read: it is known */
	__u32 has_read;
};

/* struct sock -> its times. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct socket);
} sockets SEC(".maps");

/* What targets listen to, as listener_of() tells it -> the struct net that it is in, 0 not known. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, NT_MAX_LISTENED);
	__type(key, __u64);
	__type(value, __u64);
} listened SEC(".maps");

/* The port of a socket, or the address of the name of a unix socket: connections have that of the one that
 * listened. 0 is none. */
static __always_inline __u64 listener_of(__u64 sock)
{
	__u16 port = kernel_u16(sock + cfg.kernel.sock_number);

	if (port || !cfg.kernel.has_unix || kernel_u16(sock + cfg.kernel.sock_family) != AF_UNIX)
		return port;
	return kernel_u64(sock + cfg.kernel.unix_address);
}

static __always_inline int socket_is_tcp(__u64 sock)
{
	__u16 family = kernel_u16(sock + cfg.kernel.sock_family);

	return (family == AF_INET || family == AF_INET6) &&
	       kernel_u16(sock + cfg.kernel.sock_protocol) == IPPROTO_TCP;
}

static __always_inline int is_listened(__u64 sock)
{
	__u64 listener = listener_of(sock), *net;

	if (!listener)
		return 0;
	net = bpf_map_lookup_elem(&listened, &listener);
	return net && (!*net || *net == kernel_u64(sock + cfg.kernel.sock_net));
}

SEC("raw_tp/sk_data_ready")
int nt_data_ready(const __u64 *ctx)
{
	__u64 sock = ctx[0];
	struct socket *known = bpf_map_lookup_elem(&sockets, &sock), first = {};

	if (known) {
		known->last = bpf_ktime_get_ns();
	} else if (cfg.kernel.has_listened && is_listened(sock)) {
		first.last = bpf_ktime_get_ns();
		bpf_map_update_elem(&sockets, &sock, &first, BPF_ANY);
	}
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

/* A server reads from this socket: what it listens to is known from now on. */
static __always_inline void listened_add(__u64 sock)
{
	__u64 listener, net;

	if (!cfg.kernel.has_listened)
		return;
	listener = listener_of(sock);
	net = kernel_u64(sock + cfg.kernel.sock_net);
	if (listener)
		bpf_map_update_elem(&listened, &listener, &net, BPF_ANY);
}

/*
 * When the bytes of the read at hand had come. What comes while its first parts are still worked on is of
 * another read.
 */
static __always_inline __u64 socket_came(struct socket *socket, __u64 sock)
{
	__u32 read;

	if (!cfg.kernel.has_listened || !socket_is_tcp(sock))
		return socket->last;
	read = kernel_u32(sock + cfg.kernel.tcp_copied);
	if (!socket->has_read || socket->read != read) {
		socket->came = socket->last;
		socket->read = read;
		socket->has_read = 1;
	}
	return socket->came;
}

/* The times of the socket below a uv stream from which data is waited for, or has been read by a server. */
static __always_inline struct socket *socket_get(__u64 uv, int serves, __u64 *ret_sock)
{
	struct socket *socket, never = {};

	if (!cfg.kernel.has_sockets)
		return 0;
	*ret_sock = socket_of(uv);
	if (!*ret_sock)
		return 0;
	socket = bpf_map_lookup_elem(&sockets, ret_sock);
	if (socket)
		return socket;
	bpf_map_update_elem(&sockets, ret_sock, &never, BPF_NOEXIST);
	if (serves)
		listened_add(*ret_sock);
	return 0;
}

/* Data is waited for from this uv stream. */
static __always_inline void socket_watch(__u64 uv)
{
	__u64 sock;

	(void)socket_get(uv, 0, &sock);
}

/*
 * How long before ts the bytes came that have just been read from this uv stream, by a server or not: as
 * NT_READ_AGE_US. Global: the verifier looks at it once.
 */
__noinline __u32 socket_age_us(__u64 uv, __u64 ts, int serves)
{
	__u64 sock = 0, came, age;
	struct socket *socket = socket_get(uv, serves, &sock);

	if (!socket)
		return 0;
	came = socket_came(socket, sock);
	if (!came || came >= ts)
		return 0;
	age = (ts - came) / 1000;
	return age < NT_READ_AGE_MAX ? age : NT_READ_AGE_MAX;
}

/* What a thread reads then may have come before. Where its loop had waited, and has done nothing else since, it
 * came just now. */
static __always_inline int is_late(const struct nt_thread *thread, __u64 ts)
{
	return !thread->waited || ts - thread->busy_since >= NT_WAITED_NS;
}

/* As socket_age_us(), of a request that a thread has read. */
static __always_inline __u32 request_age_us(const struct nt_thread *thread, __u64 uv, __u64 ts)
{
	__u32 age = socket_age_us(uv, ts, 1);

	return is_late(thread, ts) ? age : 0;
}

#endif
