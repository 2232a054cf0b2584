/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What user space tells the kernel side before loading it: the ABI in.
 *
 * One read-only global `cfg` of this type; the verifier folds it, so an absent ability costs
 * nothing. Offsets are bytes; V8 offsets count from the untagged start of an object. Filled by
 * user/session.c from struct node_layout (symbolizer/layout.h), which knows where each came from.
 */
#ifndef NT_BPF_CONFIG_H
#define NT_BPF_CONFIG_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#include "bpf/event.h"

/*
 * The shapes of probes: X(NAME, program, is_return). One BPF program each, named nt_<program>.
 * A site (symbolizer/sites.c) names its shape and a cookie.
 */
#define NT_SHAPES(X)                                                                               \
	X(INIT, init, 0) /* rdi = Environment, rdx = handle of the type name */                    \
	X(SCOPE_OPEN_ENV, scope_open_env, 0)   /* rdi = scope, rsi = env, context rcx|r8, flags */ \
	X(SCOPE_OPEN_WRAP, scope_open_wrap, 0) /* rdi = scope, rsi = AsyncWrap, edx = flags */     \
	X(SCOPE_CLOSE, scope_close, 0)         /* rdi = scope */                                   \
	X(TIMER_NOW, timer_now, 0)             /* rdi = Environment */                             \
	X(TICK_BOUNDARY, tick_boundary, 0) /* stack is scanned for the next timer or immediate */  \
	X(MICROTASKS_BEGIN, microtasks_begin, 0)                                                   \
	X(MICROTASKS_END, microtasks_end, 1)                                                       \
	X(PROMISE_THEN, promise_then, 0) /* rbx = onFulfilled, rdx = result promise | undefined */ \
	X(PROMISE_AWAIT_FAST, promise_await_fast, 0)         /* rbx = resolve closure */           \
	X(PROMISE_PROTOTYPE_THEN, promise_prototype_then, 0) /* rcx = result promise */            \
	X(REACTION_JOB, reaction_job, 0)         /* rbx = handler, rcx = promise or capability */  \
	X(THENABLE_ENQUEUE, thenable_enqueue, 0) /* rax = PromiseResolveThenableJobTask */         \
	X(THENABLE_JOB, thenable_job, 0)         /* rax = promise to resolve */                    \
	X(CALLABLE_ENQUEUE, callable_enqueue, 0) /* rdx = Local<Function> */                       \
	X(CALLABLE_RUN, callable_run, 0)         /* task in cfg.microtask_register */              \
	X(GC_SCAVENGE, gc_scavenge, 0) /* all live objects moved, from-space still intact */       \
	X(GC_MARKED, gc_marked, 0)     /* what lives is marked, nothing moved or swept */          \
	X(GC_MARK_COMPACT, gc_mark_compact, 0)                                                     \
	X(GC_BEGIN, gc_begin, 0)     /* before any object moves */                                 \
	X(PHASE, phase, 0)           /* cookie = enum nt_phase */                                  \
	X(PARSER, parser, 0)         /* rdi = llhttp_t; headers complete */                        \
	X(PARSER_URL, parser_url, 0) /* rdi = llhttp_t, rsi = text, rdx = length */                \
	X(STREAM_TRY_WRITE, stream_try_write,                                                      \
	  0)                             /* rdi = StreamBase (cookie 0), LibuvStreamWrap    \
	   (cookie 1); rsi = uv_buf_t**, rdx = size_t* */      \
	X(STREAM_WRITE, stream_write, 0) /* same rdi; the rest was not taken by the kernel */      \
	X(STREAM_AFTER_WRITE, stream_after_write, 0) /* rdi = uv_write_t, esi = status */          \
	X(STREAM_READ, stream_read, 0) /* rdi = listener, rsi = nread, rdx = uv_buf_t* */          \
	X(HANDLE, handle, 0) /* rdi = handle (cookie low: kind), or rsi (cookie 1<<32) */          \
	X(WORK_SUBMIT, work_submit, 0)   /* rsi = work, rcx = work function */                     \
	X(QUEUE_WORK, queue_work, 0)     /* rsi = uv_work_t */                                     \
	X(URING_SUBMIT, uring_submit, 0) /* rdi = uv__iou; an entry is about to be handed over */  \
	X(URING_DONE, uring_done, 0)     /* rdi = uv_fs_t, of io_uring or of the pool */           \
	X(WORK_START, work_start, 0)     /* rdi = work */                                          \
	X(WORK_END, work_end, 1)                                                                   \
	X(WORK_DONE, work_done, 0)       /* rdi = work */                                          \
	X(TCP_CONNECT, tcp_connect, 0)   /* rdi = request, rsi = handle, rdx = sockaddr */         \
	X(PIPE_CONNECT, pipe_connect, 0) /* rdi = request, rsi = handle, rdx = name */             \
	X(CONNECT_DONE, connect_done, 0) /* rdi = request, esi = status */                         \
	X(SPAWN, spawn, 0)               /* rsi = uv_process_t, rdx = options */                   \
	X(DNS_QUERY, dns_query, 0)       /* rsi = name, ecx = type of record */                    \
	X(TLS_WRITE, tls_write, 0)       /* rdi = TLSWrap, rdx = uv_buf_t*, rcx = count */         \
	X(PORT_POST, port_post, 0)       /* rsi = shared_ptr<Message>* */                          \
	X(PORT_RECEIVE, port_receive, 0) /* rdi = Message */                                       \
	X(LOOP_IDLE, loop_idle, 0)       /* the loop is about to wait */                           \
	X(LOOP_WOKE, loop_woke, 0)       /* it has looked for I/O, whether it waited or not */     \
	X(GC_PROLOGUE, gc_prologue, 0)                                                             \
	X(GC_EPILOGUE, gc_epilogue, 0)   /* esi = v8::GCType */                                    \
	X(HTTP2_STREAM, http2_stream, 0) /* rdi = Http2Stream, rsi = Http2Session, ecx = number */ \
	X(HTTP2_HEADERS, http2_headers, 0) /* rdi = Http2Session, rsi = nghttp2_frame */           \
	X(HTTP2_RESPONSE, http2_response,                                                          \
	  0)                           /* rdi = Http2Stream, rsi = NgHeaders, edx = options; \
	   cookie 1: trailers */     \
	X(HTTP2_DATA, http2_data, 0)   /* rsi = nghttp2_frame, rcx = length, r9 = session */       \
	X(TLS_WRITTEN, tls_written, 0) /* rdi = TLSWrap, esi = status */                           \
	X(HTTP2_CLOSE, http2_close, 0) /* esi = number, edx = code, rcx = session */

enum nt_shape {
#define NT_SHAPE_ENUM(name, program, is_return) NT_SHAPE_##name,
	NT_SHAPES(NT_SHAPE_ENUM)
#undef NT_SHAPE_ENUM
	NT_SHAPE_COUNT,
};

enum nt_transport {
	NT_TRANSPORT_RING = 0,
	NT_TRANSPORT_PERF = 1
};

/*
 * Cookie bits that every shape shares, above a shape's own: where the caller's return address is at
 * the probed instruction: 0 at [rsp], 1 at [rsp + 8] (rbp is pushed), 2 rbp is the function's frame,
 * 3 nowhere, since the code has no frame pointers.
 */
#define NT_COOKIE_FRAME_SHIFT   48
#define NT_FRAME_NONE           3
#define NT_COOKIE_FRAME(cookie) (((cookie) >> NT_COOKIE_FRAME_SHIFT) & 3)
#define NT_FRAME_SAMPLED        4 /* of no cookie: any instruction, see samples.bpf.h */

/* HANDLE shape: the handle is in rsi, not rdi */
#define NT_HANDLE_IN_RSI (1ULL << 32)
/* PARSER_URL shape: rdx is the end of the text, not its length */
#define NT_URL_END_IN_RDX 1
/* GC_EPILOGUE shape: esi is no v8::GCType */
#define NT_GC_KIND_UNKNOWN 1

/* kSize of node's FixedCircularBuffer:
   https://github.com/nodejs/node/blob/v20.20.2/lib/internal/fixed_queue.js */
#define NT_TICK_QUEUE 2048

#define NT_MAX_LISTENED 1024 /* ports and names of unix sockets that all targets listen to */

enum nt_stacks {
	NT_STACKS_OFF = 0,
	NT_STACKS_ON = 1,
	NT_STACKS_AT_INIT = 2, /* for libuv's work too: libuv is a library without frame pointers */
};

/*
 * Where things are in the kernel's own structures, from its BTF (user/kernel_types.c). Bytes; what a flag stands
 * for is only read where the flag is set.
 */
struct nt_kernel {
	__u32 has_switches;   /* the next two are known, and wanted */
	__u32 task_nivcsw;    /* task_struct.nivcsw */
	__u32 task_run_delay; /* task_struct.sched_info.run_delay */

	__u32 has_sockets;  /* so are these, and the kernel tells when data comes */
	__u32 task_files;   /* task_struct.files */
	__u32 files_table;  /* files_struct.fdt */
	__u32 table_max;    /* fdtable.max_fds */
	__u32 table_files;  /* fdtable.fd */
	__u32 file_private; /* file.private_data */
	__u32 socket_file;  /* socket.file */
	__u32 socket_sock;  /* socket.sk */

	__u32 has_listened;  /* and of these, which sockets a listening one has made */
	__u32 sock_number;   /* sock_common.skc_num (u16) */
	__u32 sock_family;   /* sock_common.skc_family (u16) */
	__u32 sock_net;      /* sock_common.skc_net.net */
	__u32 sock_protocol; /* sock.sk_protocol (u16) */
	__u32 tcp_copied;    /* tcp_sock.copied_seq (u32) */
	__u32 has_unix;      /* and this */
	__u32 unix_address;  /* unix_sock.addr */
};

struct nt_config {
	/* target and switches */
	__u32 tgid;
	__u32 transport;   /* enum nt_transport */
	__u32 keep_query;  /* query strings are cut off in the kernel unless set */
	__u32 stacks;      /* enum nt_stacks */
	__u32 closures;    /* tell in which gap the contexts of the calling closures were born */
	__u32 tls_written; /* the end of writes to TLS streams is seen */
	__u32 promises_by_birth; /* continuations are told by the birth of their object */
	__u32 sample_ns;         /* between two samples of a thread that is on the CPU, 0 none */
	struct nt_kernel kernel;

	/* node::Environment, node::AsyncWrap, node::InternalCallbackScope */
	__u32 env_async_ids;      /* of the pointer to the 4 doubles of async_id_fields_ */
	__u32 env_immediate_info; /* of the pointer to immediate_info (u32) */
	__u32 env_tick_info;      /* of the pointer to tick_info (u8) */
	__u32 wrap_async_id;      /* AsyncWrap::async_id_; trigger id 8 behind it */
	__u32 wrap_size;          /* sizeof(AsyncWrap) */
	__u32 wrap_realm;         /* BaseObject -> Realm* or Environment* */
	__u32 realm_env;          /* Realm -> Environment*; 0: wrap_realm is the Environment */
	__u32 scope_closed; /* InternalCallbackScope::closed_; 0: the site is behind the test */
	__u32 scope_context_in_r8; /* async_context& in r8 and flags in r9, else rcx and r8 */

	/* llhttp_t, node's Parser around it, node's streams */
	__u32 parser_stream; /* llhttp_t - this = StreamResource* */
	__u32 llhttp_type;   /* u8: 1 request, 2 response; method in the next byte, version after */
	__u32 llhttp_upgrade;     /* u8 */
	__u32 llhttp_status;      /* u16 */
	__u32 stream_uv;          /* StreamBase -> uv_stream_t* of a LibuvStreamWrap */
	__u32 stream_uv_embedded; /* StreamBase + this = that uv_stream_t when it is one */
	__u32 tls_underlying;     /* TLSWrap's StreamBase -> underlying StreamResource* */
	__u32 listener_stream;    /* StreamListener -> StreamResource* */

	/* node::http2::Http2Stream behind its AsyncWrap */
	__u32 http2_session; /* weak pointer to the Http2Session */
	__u32 http2_id;      /* i32: number of the stream */
	__u32 http2_flags;   /* i32 */
	__u32 http2_headers; /* from its start: std::vector of headers being received; 0 unknown */
	__u32 http2_header_size;  /* sizeof() one of them */
	__u32 http2_header_name;  /* nghttp2_rcbuf* in it */
	__u32 http2_header_value; /* nghttp2_rcbuf* in it */
	__u32 http2_text_base;    /* nghttp2_rcbuf -> bytes */
	__u32 http2_text_len;     /* nghttp2_rcbuf -> their number */
	__u32 http2_nva;          /* NgHeaders -> nghttp2_nv[] */
	__u32 weak_self;          /* BaseObject's data behind a weak pointer -> the object */

	/* libuv, public ABI */
	__u32 uv_data;            /* uv_handle_t / uv_req_t .data */
	__u32 uv_fs_work;         /* uv_fs_t.work_req */
	__u32 uv_fs_type;         /* uv_fs_t.fs_type */
	__u32 uv_fs_path;         /* uv_fs_t.path */
	__u32 uv_fs_file;         /* uv_fs_t.file */
	__u32 uv_fs_result;       /* uv_fs_t.result */
	__u32 uring_mask;         /* uv__iou.sqmask */
	__u32 uring_entries;      /* uv__iou.sqe; 0: this release does nothing by io_uring */
	__u32 uv_addrinfo_work;   /* uv_getaddrinfo_t.work_req */
	__u32 uv_addrinfo_host;   /* uv_getaddrinfo_t.hostname */
	__u32 uv_addrinfo_result; /* uv_getaddrinfo_t.retcode (int) */
	__u32 uv_work_work;       /* uv_work_t.work_req */
	__u32 uv_write_handle;    /* uv_write_t.handle */
	__u32 uv_stream_fd;       /* uv_stream_t.io_watcher.fd (int) */
	__u32 uv_spawn_file;      /* uv_process_options_t.file */
	__u32 pool_work_req;      /* ThreadPoolWork -> uv_work_t */
	__u32 file_job_path;      /* ReadFileJob and WriteFileJob: characters of the path */

	/* V8 heap */
	__u32 js_function_context;
	__u32 js_function_shared;
	__u32 shared_script;     /* SharedFunctionInfo.script */
	__u32 shared_flags;      /* SharedFunctionInfo.flags; function_literal_id 4 behind it */
	__u32 script_line_ends;  /* Script.line_ends; id 8 behind it */
	__u32 root_undefined;    /* r13 -> undefined */
	__u32 microtask_payload; /* promise_to_resolve of a thenable task; callable is 8 before */
	__u32 microtask_register; /* register number that holds the task (x86 encoding: 8 = r8 …) */
	__u32 page_flags;         /* MemoryChunk flags word */
	__u32 page_mask_bits;     /* log2 of the page size */
	__u32 page_candidate;    /* … of a page whose objects a mark-compact moves, 0 not known */
	__u32 page_metadata;     /* MemoryChunk -> what describes the page, 0: it does itself */
	__u32 page_marks;        /* bits of live objects in that, 0 not known */
	__u32 map_instance_type; /* Map.instance_type (u16) */
	__u32 string_length;     /* String.length (u32) */
	__u32 string_chars;      /* SeqOneByteString chars */
	__u32 heap_number_value; /* HeapNumber.value */
	__u32 timeout_async_id;  /* Timeout[async_id_symbol]; trigger id 8 behind it */
	__u32 timeout_delay;     /* Timeout._idleTimeout */
	__u32 timeout_repeat;    /* Timeout._repeat */
	__u32 timeout_refed;     /* Timeout[kRefed] */
	__u32 oddball_number;    /* Oddball.to_number_raw (double) */
	__u32 immediate_async_id; /* Immediate[async_id_symbol]; trigger id 8 behind it */
	/* the queue of ticks: a variable of the module of a function that the Environment knows */
	__u32 tick_realm;    /* Environment -> Realm that has the handle; 0: the Environment has */
	__u32 tick_callback; /* -> handle of processTicksAndRejections() */
	__u32 tick_slot;     /* Context: the variable; 0 not known */
	__u32 tick_tail;     /* FixedQueue.tail */
	__u32 tick_bottom;   /* FixedCircularBuffer.bottom; top 8 behind it, list 16 */
	__u32 tick_async_id; /* TickObject[async_id_symbol]; trigger id 8 behind it */
	/* the lists of timers: a variable of the module in which a function of the same holder was made */
	__u32 timer_callback; /* -> handle of processTimers() */
	__u32 timer_slot;     /* Context around that of the function: timerListQueue; 0 not known */
	__u32 queue_heap;     /* PriorityQueue.#heap (an array) */
	__u32 queue_size;     /* .#size */
	__u32 list_first;     /* TimersList._idlePrev: the Timeout that is due first */
	__u32 timeout_next;   /* Timeout._idleNext: of the first one, the list */
	__u32 env_ids_stack; /* Environment -> of the pointer to async_ids_stack (f64); 0 not known */
	__u32 array_elements;   /* JSArray.elements */
	__u32 array_first;      /* FixedArray: the first element; length 8 before it */
	__u32 types_promise;    /* instance types that a continuation key may have, for the check */
	__u32 types_capability; /* of old entries at mark-compact; 0 unknown */
	__u32 types_context_first;
	__u32 types_context_last;
	__u32 types_function_first;
	__u32 types_function_last;
	__u32 types_bytecode;   /* BytecodeArray */
	__u32 context_previous; /* Context slot of the scope around it */
	__u32 env_isolate;      /* Environment -> Isolate* */
	__u32 lab_top; /* Isolate + this = the top of new space's linear area; start before it */
	__u32 lab_indirect; /* a pointer to the top is there */
	/* Isolate + this = how JavaScript was left; see exits.bpf.h */
	__u32 exit_frame;      /* the frame of a stub that calls C++; 0 not known */
	__u32 fast_call_frame; /* the frame that called C without a stub; 0 not known … */
	__u32 fast_call_pc;    /* … and where it did */

	/* who waits for whom; root_microtask 0: not known */
	__u32 root_microtask;     /* r13 -> the microtask that runs */
	__u32 task_handler;       /* PromiseReactionJobTask.handler */
	__u32 task_promise;       /* .promise_or_capability; read up to here */
	__u32 promise_reactions;  /* JSPromise.reactions_or_result */
	__u32 promise_flags;      /* .flags (Smi); read up to here */
	__u32 reaction_next;      /* PromiseReaction */
	__u32 reaction_reject;    /* .reject_handler */
	__u32 reaction_fulfill;   /* .fulfill_handler */
	__u32 reaction_promise;   /* .promise_or_capability; read up to here */
	__u32 capability_promise; /* PromiseCapability.promise */
	__u32 context_slots;      /* Context: the first slot that is its own */
	__u32 generator_function; /* JSGeneratorObject */
	__u32 generator_position; /* .input_or_debug_pos: where it is suspended */
	__u32 generator_state;    /* .continuation (Smi) */
	__u32 generator_running;  /* what that is while it runs */
	__u32 generator_promise;  /* JSAsyncFunctionObject.promise, or .queue of a generator */
	__u32 request_promise;    /* AsyncGeneratorRequest.promise */
	__u32 receiver_hash;      /* JSReceiver: properties or identity hash */
	__u32 shared_builtin; /* SharedFunctionInfo: number of the builtin (Smi), if it is one */
	__u32 types_task_first;
	__u32 types_task_last;
	__u32 types_task_thenable; /* PromiseResolveThenableJobTask */
	__u32 types_reaction;
	__u32 types_async_function;
	__u32 types_async_generator;
	__u32 types_request;
	/* numbers of builtins: handlers of an element of Promise.all, .allSettled and .any, and the
	   function that resolves a promise */
	__u32 builtin_all;
	__u32 builtin_all_settled;
	__u32 builtin_any;
	__u32 builtin_resolve;

	/* addresses in the target */
	__u64 fs_work_function;       /* uv__fs_work */
	__u64 addrinfo_work_function; /* uv__getaddrinfo_work */
	__u64 read_file_job; /* vtable pointers of jobs that read or write a whole file (26), 0 none */
	__u64 write_file_job;
	__u64 text_start; /* node's own text: frames inside are native … */
	__u64 text_end;
	__u64 builtins_start; /* … except V8's embedded builtins */
	__u64 builtins_end;
	__u64 builtins_copy_start; /* where V8 mapped them a second time, 0 nowhere */
	__u64 builtins_copy_end;
};

/* Every early return and failed read of the kernel side has its counter. X(NAME, what it means) */
#define NT_COUNTERS(X)                                                                        \
	X(LOST, "events that found the buffer full")                                          \
	X(NO_THREAD, "events of threads without a known environment")                         \
	X(THREADS_FULL, "threads beyond the limit")                                           \
	X(READ_IDS, "failed reads of the async id fields")                                    \
	X(READ_TEXT, "failed reads of names, urls and paths")                                 \
	X(READ_OBJECT, "failed reads of objects")                                             \
	X(TOKENS_FULL, "continuations that the token map had no room for")                    \
	X(TOKENS_MISSED, "continuations that ran without having been seen registered")        \
	X(TOKENS_MOVED, "tokens re-keyed at garbage collections")                             \
	X(TOKENS_PRUNED, "tokens dropped with their dead objects")                            \
	X(TOKENS_UNREADABLE, "tokens whose object could not be read at a garbage collection") \
	X(SCRATCH_BUSY, "large events and stacks given up since no scratch buffer was free")  \
	X(STACKS, "stacks captured")                                                          \
	X(STACKS_NEW, "stacks seen for the first time")                                       \
	X(STACK_READ, "stacks whose memory could not be read")                                \
	X(STACKS_CUT, "stacks with more frames than are kept")                                \
	X(WAITERS, "stacks of code that someone may wait for")                                \
	X(WAITERS_CUT, "stacks with more who wait than are kept")                             \
	X(EMPTY, "scopes and microtask runs in which nothing happened, not sent")             \
	X(TICK_READS, "looks at the queue of ticks")                                          \
	X(TIMER_READS, "looks at the lists of timers")                                        \
	X(TICKS_CUT, "queues with more ticks than are looked at")                             \
	X(TIMER_SCANS, "stacks searched for a new timer")                                     \
	X(SCAVENGES, "scavenges followed")                                                    \
	X(MARK_COMPACTS, "mark-compacts followed")                                            \
	X(BIRTHS_LOST, "contexts that could not be followed through a collection")            \
	X(SAMPLES, "CPU samples sent")                                                        \
	X(SAMPLES_CALLED, "CPU samples in what JavaScript called: its place is where it did") \
	X(SAMPLES_OUTSIDE, "CPU samples outside of JavaScript, or in a collection")           \
	X(WEBSOCKETS_FULL, "WebSockets beyond those that are followed")                       \
	X(WRITES_CUT, "writes with more buffers than are summed")                             \
	X(BODIES_FULL, "requests whose body is not followed, as there are too many")

enum nt_counter {
#define NT_COUNTER_ENUM(name, text) NT_COUNTER_##name,
	NT_COUNTERS(NT_COUNTER_ENUM)
#undef NT_COUNTER_ENUM
	NT_COUNTER_COUNT,
};

#define NT_CONTEXT_MAPS 6
#define NT_HELD_WORDS   17 /* sizeof(struct nt_event) / 8 */

/* What user space knows of operations that were started from a stack. */
enum nt_stack_verdict {
	NT_STACK_UNOWNED = 1, /* they were nobody's: look at values too */
	NT_STACK_PLAIN = 2    /* their ids tell whose they are: no need to look at closures */
};

/* Kinds of objects on the way from one who waits to the next; see async.bpf.h. */
enum nt_map {
	NT_MAP_TASK,
	NT_MAP_THENABLE,
	NT_MAP_PROMISE,
	NT_MAP_REACTION,
	NT_MAP_AWAIT,
	NT_MAP_CAPABILITY,
	NT_MAP_ASYNC_FUNCTION,
	NT_MAP_ASYNC_GENERATOR,
	NT_MAP_REQUEST,
	NT_MAP_COUNT
};

/*
 * State of one thread, kept in the `threads` map. User space puts the main thread's entry there
 * before attaching; workers get theirs at the first event that has their Environment in a
 * register; pool threads have env 0.
 */
#define NT_FIRST_LIFE 1 /* the main thread's */

struct nt_thread {
	__u64 env;                 /* node::Environment, 0: a pool thread */
	__u64 async_ids;           /* address of the 4 doubles */
	__u64 immediate_info;      /* address of the u32s */
	__u64 tick_info;           /* address of the u8s */
	__u64 undefined;           /* tagged undefined, read once */
	__u64 root;                /* r13 of V8's builtins, once seen */
	__u64 maps[NT_MAP_COUNT];  /* the last map seen of each kind, since the last mark-compact */
	__u64 token;               /* last token given out by this thread */
	__u64 counter;             /* async id counter (double bits) at the previous event */
	__u64 work;                /* pool threads: the job that runs */
	__u64 gc_epoch;            /* rises with mark-compacts; no isolate has another's */
	__u64 outer;               /* address of the outermost open scope, 0 none */
	__u64 stack_end;           /* of its stack, as far as it could be read; 0 unknown */
	__u64 held[NT_HELD_WORDS]; /* an event that is sent only if something follows in it */
	__u32 seq;
	__u32 phase;         /* enum nt_phase while in its scope */
	__u32 depth;         /* open callback scopes */
	__u32 tokens_old;    /* entries of this thread in the old-space map */
	__u32 old_stay;      /* … none of them moves at the mark-compact that is running */
	__u32 life;          /* threads with an Environment are numbered: ids come again */
	__u32 holding;       /* `held` is an event */
	__u32 headers;       /* a request's headers are complete: the next scope is its parser's */
	__u64 lab;           /* address of the top of its new space's linear area */
	__u64 top;           /* its value at the last event, 0 not known */
	__u64 sight_context; /* of the frame walked last */
	__u64 bytecode_map;  /* Map of BytecodeArrays, 0 not met yet */
	__u64 context_maps[NT_CONTEXT_MAPS]; /* Maps of the contexts seen, 0 free */
	__u64 bound_maps[2];                 /* Maps of bound functions, 0 not found yet */
	__u32 n_context_tries;               /* looks for them so far */
	__u32 slot;                          /* of its allocation ranges, from 1; 0 none yet */
	__u32 births;                        /* ranges so far */
	__u32 first_birth;                   /* the first since the last collection */
	__u32 collections;                   /* of either kind */
	__u32 n_kept;                        /* contexts found before the last */
	__u32 n_sight;                       /* births told by the stack walked last */
	__u32 sight_kinds;                   /* 4 bits each, as in nt_event.sight */
	__u32 sight_frame;  /* NT_SIGHT_FRAME until the frame at hand has told a birth */
	__u32 sight_first;  /* its first birth */
	__u32 sight_values; /* the next stack is asked for values in any case */
	__u32 sight[NT_MAX_BIRTHS];
	__u16 sight_functions[NT_MAX_BIRTHS];
	__u16 sight_function; /* of the frame at hand, or NT_SPILL of the word at hand */
	__u64 idle_since;     /* when the event loop began to wait, 0 it does not */
	__u64 busy_since;     /* when it went on from that, or a stack was taken since */
	__u64 gc_since;       /* when the collection began, 0 none */
	__u64 gc_since_epoch; /* gc_epoch then */
	__u64 sync_since;     /* when the call into the file system began that blocks, 0 none … */
	__u64 sync_request;   /* … and its uv_fs_t */
	__u64 nested;         /* who last entered a scope in a phase; see entered_since() */
	__u64 timer;          /* id of the timer that was to be called next, 0 not known … */
	__u64 timer_trigger;  /* … and its trigger id */
	__u64 waited; /* before the loop went on it waited: nothing had come while it was busy */
};
_Static_assert(sizeof(((struct nt_thread *)0)->held) == sizeof(struct nt_event), "thread ABI");
_Static_assert(sizeof(struct nt_thread) == 600, "thread ABI");

#endif
