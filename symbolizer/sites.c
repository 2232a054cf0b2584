/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/sites.h"

#include "bpf/event.h"
#include "symbolizer/base.h"
#include "symbolizer/probe_point.h"
#include "symbolizer/site_row.h"

#define CONTEXT_SCOPE "_ZN4node21InternalCallbackScope"
#define QUEUE         "_ZN2v88internal14MicrotaskQueue"
#define LIBUV_STREAM  "N4node15LibuvStreamWrap"
#define HTTP2         "_ZN4node5http2"
#define DO_WRITE      "7DoWriteEPNS_9WriteWrapEP8uv_buf_tmP11uv_stream_s"
#define CALL_EPILOGUE "_ZN2v88internal4Heap23CallGCEpilogueCallbacksE*7ScopeIdE"
#define DO_TRY_WRITE  "10DoTryWriteEPP8uv_buf_tPm"
/* Where a build names no static functions: what calls them, with the same first argument. */
/* node::(anonymous namespace)::Parser before 22, node::http_parser::Parser since */
#define PARSER_OLD "_ZN4node12_GLOBAL__N_16Parser5ProxyI"
#define PARSER_NEW "_ZN4node11http_parser6Parser5ProxyI"
#define RAW_EVENT(callback, callback_name)                                                      \
	{                                                                                       \
		PARSER_OLD "MS1_FivEXadL_ZNS1_" callback "EvEEE3RawEP18llhttp__internal_s",     \
			PARSER_NEW "MS1_FivEXadL_ZNS1_" callback                                \
				   "EvEEE3RawEP18llhttp__internal_s",                           \
			"_ZN4node*6Parser5Proxy*" callback "*3RawE*", "llhttp__" callback_name, \
	}

/* clang-format off */
/* A kind of work of the thread pool: where it begins and ends there, and what the loop calls then. They
   are called from C, so return probes are safe. */
#define POOL_WORK(what, kind, function, done_function) \
	{.name = what "_work_start", \
	 .symbols = {function}, \
	 .shape = NT_SHAPE_WORK_START, \
	 .cookie = (kind), \
	 .group = SITE_POOL, \
	 .keep = PROBE_RDI, \
	 .required = true}, \
	{.name = what "_work_end", \
	 .symbols = {function}, \
	 .shape = NT_SHAPE_WORK_END, \
	 .cookie = (kind), \
	 .group = SITE_POOL, \
	 .place = PLACE_START, \
	 .required = true, \
	 .is_return = true}, \
	{.name = what "_work_done", \
	 .symbols = {done_function}, \
	 .shape = NT_SHAPE_WORK_DONE, \
	 .cookie = (kind), \
	 .group = SITE_POOL, \
	 .keep = PROBE_RDI, \
	 .required = true}
/* clang-format on */

const struct site_row site_rows[] = {
	/* async ids */
	{.name = "async_init",
	 .symbols = {"_ZN4node9AsyncWrap13EmitAsyncInitEPNS_11EnvironmentEN2v85LocalINS3_"
		     "6ObjectEEENS4_INS3_6StringEEEdd"},
	 .shape = NT_SHAPE_INIT,
	 .keep = PROBE_RDI | PROBE_RDX,
	 .required = true},
	{.name = "scope_open_env",
	 .symbols = {CONTEXT_SCOPE "C2EPNS_11EnvironmentE*",
		     CONTEXT_SCOPE "C1EPNS_11EnvironmentE*"},
	 .shape = NT_SHAPE_SCOPE_OPEN_ENV,
	 .keep = PROBE_RDI | PROBE_RSI | PROBE_RCX | PROBE_R8 | PROBE_R9,
	 .required = true},
	{.name = "scope_open_wrap",
	 .symbols = {CONTEXT_SCOPE "C2EPNS_9AsyncWrapEi", CONTEXT_SCOPE "C1EPNS_9AsyncWrapEi"},
	 .shape = NT_SHAPE_SCOPE_OPEN_WRAP,
	 .place = PLACE_WRAP,
	 .keep = PROBE_RDI | PROBE_RSI | PROBE_RDX,
	 .required = true},
	{.name = "scope_close",
	 .symbols = {CONTEXT_SCOPE "5CloseEv"},
	 .shape = NT_SHAPE_SCOPE_CLOSE,
	 .place = PLACE_CLOSE,
	 .required = true},
	{.name = "timer_now",
	 .symbols = {"_ZN4node11Environment12GetNowUint64Ev", "_ZN4node11Environment6GetNowEv"},
	 .shape = NT_SHAPE_TIMER_NOW,
	 .keep = PROBE_RDI,
	 .required = true},
	{.name = "tick_boundary",
	 .symbols = {"_ZN4node10task_queueL13RunMicrotasksERKN2v820FunctionCallbackInfoINS1_"
		     "5ValueEEE"},
	 .shape = NT_SHAPE_TICK_BOUNDARY,
	 .required = true},
	/* Where gcc split the function, its wrapper is bypassed and the clone does the work. Both
	   are entered by calls from C++ only, so a return probe is safe. */
	{.name = "microtasks_begin",
	 .symbols = {QUEUE "13RunMicrotasksEPNS0_7IsolateE.part.*",
		     QUEUE "13RunMicrotasksEPNS0_7IsolateE"},
	 .shape = NT_SHAPE_MICROTASKS_BEGIN,
	 .required = true},
	{.name = "microtasks_end",
	 .symbols = {QUEUE "13RunMicrotasksEPNS0_7IsolateE.part.*",
		     QUEUE "13RunMicrotasksEPNS0_7IsolateE"},
	 .shape = NT_SHAPE_MICROTASKS_END,
	 .place = PLACE_START,
	 .required = true,
	 .is_return = true},
	{.name = "check_immediate",
	 .symbols = {"_ZN4node11Environment14CheckImmediateEP10uv_check_s"},
	 .shape = NT_SHAPE_PHASE,
	 .cookie = NT_PHASE_IMMEDIATES,
	 .required = true},
	{.name = "run_timers",
	 .symbols = {"_ZN4node11Environment9RunTimersEP10uv_timer_s"},
	 .shape = NT_SHAPE_PHASE,
	 .cookie = NT_PHASE_TIMERS,
	 .required = true},

	/* promises and microtasks */
	{.name = "promise_then",
	 .symbols = {"Builtins_PerformPromiseThen"},
	 .shape = NT_SHAPE_PROMISE_THEN,
	 .group = SITE_REGISTRATIONS,
	 .keep = PROBE_RBX | PROBE_RDX,
	 .required = true},
	{.name = "promise_await_fast",
	 .symbols = {"Builtins_AsyncAwaitNonThenableFastPath"},
	 .shape = NT_SHAPE_PROMISE_AWAIT_FAST,
	 .group = SITE_REGISTRATIONS,
	 .keep = PROBE_RBX},
	{.name = "promise_prototype_then",
	 .symbols = {"Builtins_PromisePrototypeThen"},
	 .shape = NT_SHAPE_PROMISE_PROTOTYPE_THEN,
	 .group = SITE_REGISTRATIONS,
	 .place = PLACE_PROTOTYPE_THEN,
	 .required = true},
	{.name = "promise_fulfill",
	 .symbols = {"Builtins_PromiseFulfillReactionJob"},
	 .shape = NT_SHAPE_REACTION_JOB,
	 .group = SITE_PROMISES,
	 .keep = PROBE_RBX | PROBE_RCX,
	 .required = true},
	{.name = "promise_reject",
	 .symbols = {"Builtins_PromiseRejectReactionJob"},
	 .shape = NT_SHAPE_REACTION_JOB,
	 .group = SITE_PROMISES,
	 .keep = PROBE_RBX | PROBE_RCX,
	 .required = true},
	{.name = "thenable_enqueue",
	 .symbols = {"Builtins_ResolvePromise"},
	 .shape = NT_SHAPE_THENABLE_ENQUEUE,
	 .group = SITE_REGISTRATIONS,
	 .place = PLACE_ENQUEUE_CALL,
	 .required = true},
	{.name = "thenable_job",
	 .symbols = {"Builtins_PromiseResolveThenableJob"},
	 .shape = NT_SHAPE_THENABLE_JOB,
	 .group = SITE_PROMISES,
	 .keep = PROBE_RAX,
	 .required = true},
	{.name = "callable_enqueue",
	 .symbols = {QUEUE "16EnqueueMicrotaskEPNS_7IsolateENS_5LocalINS_8FunctionEEE"},
	 .shape = NT_SHAPE_CALLABLE_ENQUEUE,
	 .group = SITE_REGISTRATIONS,
	 .keep = PROBE_RDX,
	 .required = true},
	{.name = "callable_run",
	 .symbols = {"Builtins_RunMicrotasks"},
	 .shape = NT_SHAPE_CALLABLE_RUN,
	 .group = SITE_PROMISES,
	 .place = PLACE_CALLABLE,
	 .required = true},
	{.name = "gc_begin",
	 .symbols = {"_ZN2v88internal4Heap25GarbageCollectionPrologueE*"},
	 .shape = NT_SHAPE_GC_BEGIN,
	 .group = SITE_PROMISES},
	{.name = "gc_scavenge",
	 .symbols = {"_ZN2v88internal19NewLargeObjectSpace15FreeDeadObjectsERKSt8functionIF*"},
	 .shape = NT_SHAPE_GC_SCAVENGE,
	 .group = SITE_GC,
	 .required = true},
	{.name = "gc_marked",
	 .symbols = {"_ZN2v88internal20MarkCompactCollector8EvacuateEv"},
	 .shape = NT_SHAPE_GC_MARKED,
	 .group = SITE_GC},
	{.name = "gc_mark_compact",
	 .symbols = {"_ZN2v88internal20MarkCompactCollector29UpdatePointersAfterEvacuationEv"},
	 .shape = NT_SHAPE_GC_MARK_COMPACT,
	 .group = SITE_GC,
	 .required = true},

	/* HTTP and streams */
	{.name = "message_headers",
	 .symbols = RAW_EVENT("19on_headers_complete", "on_headers_complete"),
	 .shape = NT_SHAPE_PARSER,
	 .cookie = NT_EVENT_MESSAGE_HEADERS,
	 .group = SITE_HTTP,
	 .keep = PROBE_RDI,
	 .required = true},
	{.name = "message_url",
	 .symbols = {PARSER_OLD
		     "MS1_FiPKcmEXadL_ZNS1_6on_urlES4_mEEE3RawEP18llhttp__internal_sS4_m",
		     PARSER_NEW
		     "MS1_FiPKcmEXadL_ZNS1_6on_urlES4_mEEE3RawEP18llhttp__internal_sS4_m",
		     "_ZN4node*6Parser5Proxy*6on_url*3RawE*", "llhttp__on_url"},
	 .shape = NT_SHAPE_PARSER_URL,
	 .last_cookie = NT_URL_END_IN_RDX,
	 .group = SITE_HTTP,
	 .keep = PROBE_RDI | PROBE_RSI | PROBE_RDX,
	 .required = true},
	/* What JavaScript writes enters through the thunk, which has its own copy of the body. */
	{.name = "stream_try_write_thunk",
	 .symbols = {"_ZThn*_" LIBUV_STREAM DO_TRY_WRITE},
	 .shape = NT_SHAPE_STREAM_TRY_WRITE,
	 .cookie = 0,
	 .group = SITE_HTTP,
	 .place = PLACE_THUNK,
	 .keep = PROBE_RDI | PROBE_RSI | PROBE_RDX,
	 .required = true},
	{.name = "stream_try_write",
	 .symbols = {"_Z" LIBUV_STREAM DO_TRY_WRITE},
	 .shape = NT_SHAPE_STREAM_TRY_WRITE,
	 .cookie = 1,
	 .group = SITE_HTTP,
	 .keep = PROBE_RDI | PROBE_RSI | PROBE_RDX,
	 .required = true},
	{.name = "stream_write_thunk",
	 .symbols = {"_ZThn*_" LIBUV_STREAM DO_WRITE},
	 .shape = NT_SHAPE_STREAM_WRITE,
	 .cookie = 0,
	 .group = SITE_HTTP,
	 .place = PLACE_THUNK,
	 .keep = PROBE_RDI,
	 .required = true},
	{.name = "stream_write",
	 .symbols = {"_Z" LIBUV_STREAM DO_WRITE},
	 .shape = NT_SHAPE_STREAM_WRITE,
	 .cookie = 1,
	 .group = SITE_HTTP,
	 .keep = PROBE_RDI,
	 .required = true},
	{.name = "stream_after_write",
	 .symbols = {"_Z" LIBUV_STREAM "12AfterUvWriteEP10uv_write_si"},
	 .shape = NT_SHAPE_STREAM_AFTER_WRITE,
	 .group = SITE_HTTP,
	 .keep = PROBE_RDI | PROBE_RSI,
	 .required = true},
	{.name = "tls_write",
	 .symbols = {"_ZN4node6crypto7TLSWrap" DO_WRITE},
	 .shape = NT_SHAPE_TLS_WRITE,
	 .group = SITE_HTTP,
	 .keep = PROBE_RDI | PROBE_RDX | PROBE_RCX},
	{.name = "tls_written",
	 .symbols = {"_ZN4node6crypto7TLSWrap12InvokeQueuedEiPKc"},
	 .shape = NT_SHAPE_TLS_WRITTEN,
	 .group = SITE_HTTP,
	 .keep = PROBE_RDI | PROBE_RSI},
	{.name = "stream_read",
	 .symbols = {"_ZN4node22EmitToJSStreamListener12OnStreamReadElRK8uv_buf_t"},
	 .shape = NT_SHAPE_STREAM_READ,
	 .group = SITE_HTTP,
	 .keep = PROBE_RDI | PROBE_RSI | PROBE_RDX,
	 .required = true},
	{.name = "handle_close",
	 .symbols = {"uv_close"},
	 .shape = NT_SHAPE_HANDLE,
	 .cookie = NT_EVENT_HANDLE_CLOSE,
	 .group = SITE_HTTP,
	 .keep = PROBE_RDI,
	 .required = true},
	{.name = "stream_shutdown",
	 .symbols = {"uv_shutdown"},
	 .shape = NT_SHAPE_HANDLE,
	 .cookie = NT_EVENT_STREAM_SHUTDOWN | NT_HANDLE_IN_RSI,
	 .group = SITE_HTTP,
	 .keep = PROBE_RSI,
	 .required = true},

	/* HTTP/2: streams that clients open. What a DATA frame says is known before it is written. */
	{.name = "http2_stream",
	 .symbols = {HTTP2 "11Http2StreamC[12]EPNS0_12Http2SessionE*"},
	 .shape = NT_SHAPE_HTTP2_STREAM,
	 .group = SITE_HTTP,
	 .keep = PROBE_RDI | PROBE_RSI | PROBE_RCX | PROBE_R8},
	{.name = "http2_headers",
	 .symbols = {HTTP2 "12Http2Session18HandleHeadersFrameEPK13nghttp2_frame"},
	 .shape = NT_SHAPE_HTTP2_HEADERS,
	 .group = SITE_HTTP,
	 .keep = PROBE_RDI | PROBE_RSI},
	{.name = "http2_response",
	 .symbols = {HTTP2 "11Http2Stream14SubmitResponseE*"},
	 .shape = NT_SHAPE_HTTP2_RESPONSE,
	 .group = SITE_HTTP,
	 .keep = PROBE_RDI | PROBE_RSI | PROBE_RDX},
	{.name = "http2_trailers",
	 .symbols = {HTTP2 "11Http2Stream14SubmitTrailersE*"},
	 .shape = NT_SHAPE_HTTP2_RESPONSE,
	 .cookie = NT_HTTP2_TRAILERS,
	 .group = SITE_HTTP,
	 .keep = PROBE_RDI},
	{.name = "http2_data",
	 .symbols = {HTTP2 "12Http2Session10OnSendDataE*"},
	 .shape = NT_SHAPE_HTTP2_DATA,
	 .group = SITE_HTTP,
	 .keep = PROBE_RSI | PROBE_RCX | PROBE_R9},
	{.name = "http2_close",
	 .symbols = {HTTP2 "12Http2Session13OnStreamCloseE*"},
	 .shape = NT_SHAPE_HTTP2_CLOSE,
	 .group = SITE_HTTP,
	 .keep = PROBE_RSI | PROBE_RDX | PROBE_RCX},

	/* thread pool, and what may do its work */
	{.name = "work_submit",
	 .symbols = {"uv__work_submit"},
	 .shape = NT_SHAPE_WORK_SUBMIT,
	 .group = SITE_POOL,
	 .keep = PROBE_RSI | PROBE_RCX,
	 .required = true},
	{.name = "queue_work",
	 .symbols = {"uv_queue_work"},
	 .shape = NT_SHAPE_QUEUE_WORK,
	 .group = SITE_POOL,
	 .keep = PROBE_RSI,
	 .required = true},
	/* Whatever has an entry of the ring calls it, before the ring's tail moves on: hence its start. */
	{.name = "uring_submit",
	 .symbols = {"uv__iou_submit"},
	 .shape = NT_SHAPE_URING_SUBMIT,
	 .group = SITE_POOL,
	 .place = PLACE_START,
	 .uring = true},
	/* what libuv calls in the end, whoever did it: before the callback's scope opens */
	{.name = "uring_done",
	 .symbols = {"_ZN4node24MakeLibuvRequestCallbackI7uv_fs_sPFvPS1_EE7WrapperES2_"},
	 .shape = NT_SHAPE_URING_DONE,
	 .group = SITE_POOL,
	 .keep = PROBE_RDI,
	 .uring = true},
	POOL_WORK("fs", NT_WORK_FS, "uv__fs_work", "uv__fs_done"),
	POOL_WORK("addrinfo", NT_WORK_ADDRINFO, "uv__getaddrinfo_work", "uv__getaddrinfo_done"),
	POOL_WORK("queued", NT_WORK_QUEUED, "uv__queue_work", "uv__queue_done"),

	/* connections and processes */
	{.name = "tcp_connect",
	 .symbols = {"uv_tcp_connect"},
	 .shape = NT_SHAPE_TCP_CONNECT,
	 .group = SITE_NET,
	 .keep = PROBE_RDI | PROBE_RSI | PROBE_RDX,
	 .required = true},
	/* uv_pipe_connect calls uv_pipe_connect2 where that exists. Both overwrite dl early. */
	{.name = "pipe_connect",
	 .symbols = {"uv_pipe_connect2", "uv_pipe_connect"},
	 .shape = NT_SHAPE_PIPE_CONNECT,
	 .group = SITE_NET,
	 .place = PLACE_START,
	 .required = true},
	{.name = "tcp_connected",
	 .symbols =
		 {"_ZN4node14ConnectionWrapINS_7TCPWrapE8uv_tcp_sE12AfterConnectEP12uv_connect_si"},
	 .shape = NT_SHAPE_CONNECT_DONE,
	 .group = SITE_NET,
	 .keep = PROBE_RDI | PROBE_RSI,
	 .required = true},
	{.name = "pipe_connected",
	 .symbols = {"_ZN4node14ConnectionWrapINS_8PipeWrapE9uv_pipe_sE12AfterConnectEP12uv_"
		     "connect_si"},
	 .shape = NT_SHAPE_CONNECT_DONE,
	 .group = SITE_NET,
	 .keep = PROBE_RDI | PROBE_RSI,
	 .required = true},
	{.name = "spawn",
	 .symbols = {"uv_spawn"},
	 .shape = NT_SHAPE_SPAWN,
	 .group = SITE_NET,
	 .keep = PROBE_RSI | PROBE_RDX,
	 .required = true},

	/* node's calls of c-ares; where one calls the other, the name is told twice */
	{.name = "dns_query",
	 .symbols = {"ares_query"},
	 .shape = NT_SHAPE_DNS_QUERY,
	 .group = SITE_NET,
	 .keep = PROBE_RSI | PROBE_RCX},
	{.name = "dns_query_record",
	 .symbols = {"ares_query_dnsrec"},
	 .shape = NT_SHAPE_DNS_QUERY,
	 .group = SITE_NET,
	 .keep = PROBE_RSI | PROBE_RCX},

	/* messages between threads */
	{.name = "port_post",
	 .symbols = {"_ZN4node6worker15MessagePortData18AddToIncomingQueueESt10shared_ptrINS0_"
		     "7MessageEE"},
	 .shape = NT_SHAPE_PORT_POST,
	 .group = SITE_NET,
	 .keep = PROBE_RSI},
	{.name = "port_receive",
	 .symbols = {"_ZN4node6worker7Message11DeserializeEPNS_11EnvironmentEN2v85LocalINS4_"
		     "7ContextEEEPNS5_INS4_5ValueEEE"},
	 .shape = NT_SHAPE_PORT_RECEIVE,
	 .group = SITE_NET,
	 .keep = PROBE_RDI | PROBE_RSI},

	/* what the event loop does with its time */
	{.name = "loop_idle",
	 .symbols = {"uv__metrics_set_provider_entry_time"},
	 .shape = NT_SHAPE_LOOP_IDLE,
	 .group = SITE_TIME},
	{.name = "loop_woke",
	 .symbols = {"uv__metrics_update_idle_time"},
	 .shape = NT_SHAPE_LOOP_WOKE,
	 .group = SITE_TIME},
	/* Between these two node measures what perf_hooks tells of a collection. V8 before 11 has them
	   inlined: then what is around them, which does not know the kind in the same way. */
	{.name = "gc_prologue",
	 .symbols = {"_ZN2v88internal4Heap23CallGCPrologueCallbacksE*7ScopeIdE",
		     "_ZN2v88internal4Heap25GarbageCollectionPrologueE*"},
	 .shape = NT_SHAPE_GC_PROLOGUE,
	 .group = SITE_TIME},
	{.name = "gc_epilogue",
	 .symbols = {CALL_EPILOGUE, CALL_EPILOGUE, CALL_EPILOGUE,
		     "_ZN2v88internal4Heap25GarbageCollectionEpilogueE*"},
	 .shape = NT_SHAPE_GC_EPILOGUE,
	 .last_cookie = NT_GC_KIND_UNKNOWN,
	 .group = SITE_TIME,
	 .keep = PROBE_RSI},
};

const size_t n_site_rows = ARRAY_SIZE(site_rows);
