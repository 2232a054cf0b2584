/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The events that the kernel side sends to user space: the ABI out.
 *
 * One struct nt_event, followed by text_len bytes of text, is one record of the ring (or perf)
 * buffer. Within a thread the records stand in program order and carry consecutive sequence
 * numbers, so that a reader knows exactly where something was lost. Kinds are never renumbered.
 *
 * Async ids travel as the raw bits of the doubles that node keeps them in: BPF has no floating
 * point, aggregator/decode.c converts them.
 */
#ifndef NT_BPF_EVENT_H
#define NT_BPF_EVENT_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

/*
 * X(NAME, lower_case_name, number). What a, b, c, arg and text mean stands beside each row.
 * "stream" is a uv_stream_t address, "work" a struct uv__work address, "wrap id" the async id of
 * the AsyncWrap that owns a libuv request (raw double bits, 0 unknown).
 */
#define NT_EVENTS(X)                                                                                 \
	/* AsyncWrap::EmitAsyncInit: the id is the counter; text = type name */                      \
	X(INIT, init, 1)                                                                             \
	/* InternalCallbackScope opened: a = scope, b = async id, c = trigger id; arg = flags */     \
	X(SCOPE_OPEN, scope_open, 2)                                                                 \
	/* InternalCallbackScope::Close: a = scope; text = arg pairs of __u64 (id, trigger) of the \
	   ticks that wait, when some were made elsewhere than in that scope's own id */ \
	X(SCOPE_CLOSE, scope_close, 3)                                                               \
	/* Environment::GetNow: a timer may have been inserted; a = id of the Timeout object found \
	   on the stack (0 none), b = its delay in ms, arg = NT_TIMER_* flags */ \
	X(TIMER_NOW, timer_now, 4)                                                                   \
	/* the runMicrotasks binding: text = arg pairs of __u64 (id, trigger) found on the stack; \
	   or a = id of the timer that is next, if no microtask changes that, b = its trigger */  \
	X(TICK_BOUNDARY, tick_boundary, 5)                                                           \
	X(MICROTASKS_BEGIN, microtasks_begin, 6)                                                     \
	/* between two timers: a, b as in TICK_BOUNDARY; arg = NT_MICROTASKS_* flags */              \
	X(MICROTASKS_END, microtasks_end, 7)                                                         \
	/* a continuation was registered: a = token; arg = enum nt_token_kind */                     \
	X(TOKEN_REGISTER, token_register, 8)                                                         \
	/* a continuation starts to run: a = token, 0 when it was not seen being registered */       \
	X(TOKEN_RUN, token_run, 9)                                                                   \
	/* loop phase: arg = enum nt_phase; of timers: a, b as in TICK_BOUNDARY */                   \
	X(PHASE, phase, 10)                                                                          \
	/* HTTP request parser: a = llhttp_t, b = stream below it; text = (part of the) url; \
	   c = type | method << 8; \
	   arg = NT_URL_* flags, age. The first of a message is its beginning. */       \
	X(MESSAGE_URL, message_url, 12)                                                              \
	/* a = llhttp_t, b = type | method << 8 | major << 16 | minor << 24 | upgrade << 32 */       \
	X(MESSAGE_HEADERS, message_headers, 13)                                                      \
	/* LibuvStreamWrap::DoTryWrite: a = stream, b = bytes of all buffers, c = wrap id;         \
	   arg = NT_WRITE_* flags | fd << 8; text = start of the first buffer when it starts a head */ \
	X(STREAM_WRITE, stream_write, 15)                                                            \
	/* LibuvStreamWrap::DoWrite: the kernel did not take all bytes; a = stream */                \
	X(STREAM_WRITE_QUEUED, stream_write_queued, 16)                                              \
	/* AfterUvWrite: what was queued is with the kernel; a = stream, b = status */               \
	X(STREAM_WRITE_FLUSHED, stream_write_flushed, 17)                                            \
	/* bytes handed to JS: a = stream, b = nread, c = wrap id; arg = NT_READ_* flags, age; \
	   text = start of the bytes when they start an HTTP response */     \
	X(STREAM_READ, stream_read, 18)                                                              \
	/* uv_close: a = handle */                                                                   \
	X(HANDLE_CLOSE, handle_close, 19)                                                            \
	/* thread pool: a = work, b = fs type + 1 of an fs job, c = wrap id;                       \
	   arg = enum nt_work | file descriptor << 8; text = path or host */ \
	X(WORK_SUBMIT, work_submit, 20)                                                              \
	/* on the pool thread: a = work */                                                           \
	X(WORK_START, work_start, 21)                                                                \
	X(WORK_END, work_end, 22)                                                                    \
	/* on the loop thread, before the callback: a = work, b = result of an fs job (signed) */    \
	X(WORK_DONE, work_done, 23)                                                                  \
	/* uv_tcp_connect / uv_pipe_connect: a = stream, b = request, c = wrap id;                 \
	   text = raw struct sockaddr (arg = 0) or a path (arg = 1) */ \
	X(CONNECT, connect, 24)                                                                      \
	/* a = request, b = status */                                                                \
	X(CONNECT_DONE, connect_done, 25)                                                            \
	/* uv_spawn: a = handle, c = wrap id; text = file */                                         \
	X(SPAWN, spawn, 26)                                                                          \
	/* a stack seen for the first time: a = its id, b = gc_epoch; text = struct nt_frame[] */    \
	X(STACK, stack, 27)                                                                          \
	/* uv_shutdown: a = stream */                                                                \
	X(STREAM_SHUTDOWN, stream_shutdown, 28)                                                      \
	/* a message was put into a port's queue, by the sender: a = Message */                      \
	X(PORT_POST, port_post, 29)                                                                  \
	/* a message was taken out of the queue; its callback scope follows: a = Message */          \
	X(PORT_RECEIVE, port_receive, 30)                                                            \
	/* a file descriptor was closed by a synchronous call: arg = the descriptor */               \
	X(FD_CLOSED, fd_closed, 31)                                                                  \
	/* the event loop has looked for I/O: a = since when it waited, 0 it did not; no ids */      \
	X(LOOP_TURN, loop_turn, 40)                                                                  \
	/* a garbage collection ended: a = when it began; arg = v8::GCType; no ids */                \
	X(GC, gc, 41)                                                                                \
	/* a file system call that blocked: a = when it began, b = fs type + 1; text = path */       \
	X(FS_SYNC, fs_sync, 42)                                                                      \
	/* c-ares is asked, for the QUERYWRAP just made: arg = type of record; text = name */        \
	X(DNS_QUERY, dns_query, 50)                                                                  \
	/* of user space: a connection older than the trace; arg = its fd, text = "ip:port" */       \
	X(PEER, peer, 51)                                                                            \
	/* HTTP/2: a = Http2Session, arg = number of the stream, maybe | NT_HTTP2_TLS */             \
	/* a client opened one: b = uv stream below, c = wrap id of the session */                   \
	X(HTTP2_STREAM, http2_stream, 60)                                                            \
	/* its headers: b = NT_URL_* flags, age at HTTP2_STREAM, c = wrap id of it; \
	   text = NT_HTTP2_METHOD bytes, path */                \
	X(HTTP2_HEADERS, http2_headers, 61)                                                          \
	/* b = uv stream below, c = status | NT_HTTP2_NO_BODY */                                     \
	X(HTTP2_RESPONSE, http2_response, 62)                                                        \
	/* a DATA frame or trailers: b = bytes, c = 1: nothing follows */                            \
	X(HTTP2_DATA, http2_data, 63)                                                                \
	/* b = error code of the stream */                                                           \
	X(HTTP2_CLOSE, http2_close, 64)                                                              \
	/* all cleartext given to a TLS stream is written, or will not be: a = stream, b = status */ \
	X(TLS_WRITTEN, tls_written, 65)                                                              \
	/* frames of a WebSocket, of the write or read just told, or that a connection became one: \
	   a = stream; b, c = 16 bits each: how many as enum nt_websocket_count; \
	   arg = NT_WEBSOCKET_* flags; no ids */ \
	X(WEBSOCKET, websocket, 66)                                                                  \
	/* the thread is on the CPU, in JavaScript: stack = where; a = ns that this stands for */    \
	X(CPU_SAMPLE, cpu_sample, 70)                                                                \
	/* it was ready to run and another had its CPU: a = since, b = until; no sequence number */  \
	X(PREEMPTED, preempted, 71)                                                                  \
	/* of user space: the event loop still waits: a = since when; no sequence number, no ids */  \
	X(LOOP_WAITS, loop_waits, 72)

enum nt_event_kind {
#define NT_EVENT_ENUM(name, lower, number) NT_EVENT_##name = (number),
	NT_EVENTS(NT_EVENT_ENUM)
#undef NT_EVENT_ENUM
	NT_EVENT_KINDS, /* one more than the highest number */
};

enum nt_phase {
	NT_PHASE_NONE = 0,
	NT_PHASE_IMMEDIATES = 1,
	NT_PHASE_TIMERS = 2
};
enum nt_token_kind {
	NT_TOKEN_REACTION = 0,
	NT_TOKEN_THENABLE = 1,
	NT_TOKEN_CALLABLE = 2
};
enum nt_work {
	NT_WORK_OTHER = 0,
	NT_WORK_FS = 1,
	NT_WORK_ADDRINFO = 2,
	NT_WORK_QUEUED = 3,
	NT_WORK_READ_FILE = 4, /* queued; text = path */
	NT_WORK_WRITE_FILE = 5,
	NT_WORK_FS_URING = 6 /* an fs job of io_uring: no thread of the pool takes it */
};

/* InternalCallbackScope::Flags */
#define NT_SCOPE_SKIP_TASK_QUEUES 2

#define NT_URL_CUT           1
#define NT_URL_QUERY_DROPPED 2
#define NT_URL_TLS           4
#define NT_URL_AGE_US(arg)   NT_READ_AGE_US(arg) /* of the read that it stands in */

#define NT_MICROTASKS_READ 1 /* the lists of timers were looked at: a is not guessed */

#define NT_TIMER_REPEATS  1
#define NT_TIMER_INTERNAL 2 /* not referenced when inserted: only node itself makes such */

/* STREAM_WRITE: what BPF saw of the buffers */
#define NT_WRITE_RESPONSE_HEAD 1  /* the first buffer starts with "HTTP/1." */
#define NT_WRITE_REQUEST_HEAD  2  /* the first buffer starts with a request method */
#define NT_WRITE_LAST_CHUNK    4  /* the last buffer is the terminator of a chunked body */
#define NT_WRITE_TLS_TOLD      16 /* beside TLS: a TLS_WRITTEN will follow */
#define NT_WRITE_TLS           8  /* cleartext of a TLS stream; a = that TLS stream */

#define NT_WRITE_TLS_RECORD 32  /* the first buffer starts with a record of TLS */
#define NT_WRITE_CUT        64  /* more buffers than are summed: more was written than b */
#define NT_WRITE_IN_BODY    128 /* beside 4xx: the last request's body has not come in whole */
#define NT_WRITE_FD(arg)    ((arg) >> 8)

#define NT_HTTP2_TLS      (1u << 31) /* beside the number of a stream, which has 31 bits */
#define NT_HTTP2_NO_BODY  (1u << 16) /* beside a status */
#define NT_HTTP2_METHOD   16         /* bytes of a method, padded with NULs */
#define NT_HTTP2_TRAILERS 1          /* cookie of the HTTP2_RESPONSE shape */

#define NT_READ_TLS        1 /* cleartext of a TLS stream; a = the stream below it */
#define NT_READ_LAST_CHUNK 2 /* ends with the terminator of a chunked body */
#define NT_READ_PIECE      4 /* not the first of those that were read at once: starts like a head */
/* So many us before the read the last of the bytes had come, at most NT_READ_AGE_MAX; 0 not known, or just
 * before. Shifted left by 8 beside the flags. */
#define NT_READ_AGE_US(arg) ((arg) >> 8)
#define NT_READ_AGE_MAX     0xffffffu

/* A look for I/O that took longer found nothing ready at first. */
#define NT_WAITED_NS 100000

#define NT_WEBSOCKET_SENT     1
#define NT_WEBSOCKET_LOST     2 /* frames of this direction are not seen any more */
#define NT_WEBSOCKET_DEFLATED 4 /* some messages are compressed */

/* Messages by kind, and control frames. */
enum nt_websocket_count {
	NT_WEBSOCKET_TEXT = 0,
	NT_WEBSOCKET_BINARY = 1,
	NT_WEBSOCKET_CLOSE = 2,
	NT_WEBSOCKET_PING = 3,
	NT_WEBSOCKET_PONG = 4,
	NT_WEBSOCKET_COUNTS = 8 /* 16 bits each: b and c of an event */
};

#define NT_MAX_TICKS            32   /* told by one SCOPE_CLOSE */
#define NT_TEXT_MAX             1024 /* longest text of an event, STACK and heads excepted */
#define NT_HEAD_MAX             8192 /* text of writes and reads with a whole HTTP head is shorter */
#define NT_STACK_MAX_FRAMES     96
#define NT_MAX_BIRTHS           7
#define NT_SIGHT_COUNT(sight)   ((sight)&15)
#define NT_SIGHT_KIND(sight, i) ((sight) >> (4 + 4 * (i)) & 3)
#define NT_SIGHT_FRAME          4 /* flag of a birth: the first told by its frame */
#define NT_SIGHT_RECEIVER \
	8 /* flag of NT_BIRTH_VALUE: also `this` of a frame; alone: only that, behind all others */
#define NT_MAX_RECEIVERS 3

/* What a birth told by a stack is of. */
enum nt_birth {
	NT_BIRTH_CONTEXT = 0, /* the context of a function on the stack */
	NT_BIRTH_AROUND = 1,  /* a scope around that of the birth before */
	NT_BIRTH_INLINED = 2, /* a closure in an optimised frame; told before the frame's own */
	NT_BIRTH_VALUE = 3    /* just a value in the frames of the caller */
};

/*
 * Beside a birth of NT_BIRTH_INLINED stands where it was found: the frame's number in the stack, and the
 * word below its fp, 0 for that at fp - 32. AGAIN: it would have been told for another place, too.
 */
#define NT_SPILL_KNOWN        (1 << 15)
#define NT_SPILL_AGAIN        (1 << 13)
#define NT_SPILL(frame, i)    (NT_SPILL_KNOWN | (frame) << 6 | (i))
#define NT_SPILL_FRAME(spill) ((spill) >> 6 & 127)
#define NT_SPILL_WORD(spill)  ((spill)&63)
_Static_assert(NT_STACK_MAX_FRAMES <= 128, "fits");

/* Was an AsyncResource entered since the event before, by code that a timer, an immediate or a tick runs? */
enum nt_entered {
	NT_ENTERED_UNKNOWN = 0, /* also outside of their phases */
	NT_ENTERED_NONE = 1,
	NT_ENTERED_SOME = 2
};

/*
 * Beside a receiver stands how many births were told when its frame had told its own, and which object
 * it is, as which function: some bits of their addresses.
 */
#define NT_RECEIVER(before, who) ((before) << 12 | ((who)&0xfff))
#define NT_RECEIVER_BEFORE(word) ((word) >> 12)

struct nt_event {
	__u64 ts;       /* CLOCK_MONOTONIC, ns */
	__u32 tid;      /* thread, in the tracer's pid namespace */
	__u32 seq;      /* of this thread, consecutive; STACK events have none */
	__u16 kind;     /* enum nt_event_kind */
	__u16 text_len; /* bytes after this struct */
	__u32 arg;
	__u64 exec;    /* executionAsyncId, bits of a double */
	__u64 trigger; /* triggerAsyncId */
	__u64 counter; /* async id counter */
	__u64 stack;   /* id of the captured stack, 0 none */
	__u64 a;
	__u64 b;
	__u64 c;
	__u32 immediates; /* immediate_info[kCount] */
	__u8 tick;        /* tick_info[kHasTickScheduled] */
	__u8 has_ids;     /* exec, trigger, counter, immediates, tick are filled */
	__u8 entered;     /* enum nt_entered */
	__u8 pad;
	__u32 sight; /* low 4 bits: how many births; from there 4 bits each: enum nt_birth and flag */
	/* Sequence numbers of the events that ended the gaps in which was allocated what the calling
	   functions close over, innermost first. */
	__u32 births[NT_MAX_BIRTHS];
	/* Beside each, which function object closes over it, in 16 bits of its address, or where it was
	   spilled; 0 unknown. */
	__u16 functions[NT_MAX_BIRTHS];
	__u16 pad2;
};
_Static_assert(sizeof(struct nt_event) == 136, "event ABI");

#define NT_STACK_MAX_ASYNC   16 /* frames below the physical ones */
#define NT_STACK_MAX_LOGICAL (NT_STACK_MAX_FRAMES + NT_STACK_MAX_ASYNC + 2) /* and two cuts */

/* What kind of frame BPF took it for; the resolver decides. */
enum nt_frame_kind {
	NT_FRAME_NATIVE = 0,
	NT_FRAME_JS = 1,
	NT_FRAME_TYPED = 2,
	/* Below all others: an async function or generator that waits; offset = where (Smi) */
	NT_FRAME_ASYNC = 3,
	/* Promise.all() and the like in between: function = number of the builtin that handles an
	   element, offset = that element's number + 1 (Smi) */
	NT_FRAME_COMBINATOR = 4,
	/* No frame: behind the physical ones or those who wait, when there were more of them */
	NT_FRAME_CUT = 5
};

/* One frame of a STACK event, leaf first. */
struct nt_frame {
	__u64 pc;       /* leaf: the probed instruction; others: return address */
	__u64 function; /* SharedFunctionInfo, tagged; 0 unknown */
	__u64 bytecode; /* word at fp-32: BytecodeArray of interpreted and baseline frames */
	__u64 offset;   /* word at fp-40: bytecode offset (Smi) of interpreted frames */
	__u32 kind;     /* enum nt_frame_kind */
	__s32 script;   /* Script.id of the function; it and the literal name the function … */
	__s32 literal;  /* … wherever a collection moves it; both 0: unknown */
	__u32 sampled;  /* leaf: of a CPU sample, so any instruction */
};
_Static_assert(sizeof(struct nt_frame) == 48, "frame ABI");

#endif
