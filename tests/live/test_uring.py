# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Calls into the file system that io_uring does, not the thread pool: node 20 with UV_USE_IO_URING=1."""
import collections
import concurrent.futures
import os
import re

from harness import ROOT, ask, expect, free_port, live, read_ndjson, summary_of

APP = ROOT / "tests/apps/uring/app.js"
REQUESTS = 64
RID = re.compile(r"rid[=-](\d+)")
# What one request does, after app.js.
BY_URING = {"fs.open": 2, "fs.write": 1, "fs.fsync": 1, "fs.fstat": 2, "fs.read": 2, "fs.close": 2, "fs.lstat": 1,
            "fs.rename": 1, "fs.unlink": 1, "fs.stat": 1}
BY_POOL = {"fs.access": 1}


def traced(t, node, **environment):
    """The lines of the tracer for requests that work on files, several at once."""
    port = free_port()
    path = t.folder / "trace.ndjson"
    server = t.node(node, APP, port, port=port, env={**os.environ, **environment})
    tracer = t.tracer(server.pid, "--show-query", "--format", "ndjson", "-o", path)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda rid: ask(port, f"/files?rid={rid}"), range(REQUESTS)))
    expect({answer[0] for answer in answers} == {200}, f"answers {answers[0]}")
    expect(tracer.stop() == 0, f"the tracer failed: {tracer.err()[-500:]}")
    lines = read_ndjson(path)
    expect(summary_of(lines)["lost"] == 0, f"{summary_of(lines)['lost']} events were lost")
    stray = [op for line in lines if line["k"] == "none" for op in line["ops"] if op["type"].startswith("fs.")]
    expect(not stray, f"operations of no request: {stray[:2]}")
    return [line for line in lines if line["k"] == "req" and RID.search(line["url"])]


def counts_of(request, by_uring):
    return dict(collections.Counter(op["type"] for op in request["ops"] if op["type"].startswith("fs.")
                                    and ("io_uring" in (op.get("flags") or "")) == by_uring))


def judge(request):
    """Every operation is there once, has its end and its own path; only those of the pool its times."""
    rid = RID.search(request["url"]).group(1)
    for op in request["ops"]:
        if not op["type"].startswith("fs."):
            continue
        by_uring = "io_uring" in (op.get("flags") or "")
        expect(RID.search(op["detail"]).group(1) == rid, f"of another request: {op}")
        expect(op["end_ns"] and op["end_ns"] >= op["start_ns"], f"without an end: {op}")
        expect(("queued_ns" in op) != by_uring, f"times of the pool: {op}")
        expect(("failed" in (op.get("flags") or "")) == op["detail"].endswith(".missing"), f"outcome: {op}")


@live(node=[20])
def io_uring_is_told_from_the_pool(t, node):
    requests = traced(t, node, UV_USE_IO_URING="1")
    expect(len(requests) == REQUESTS, f"{len(requests)} requests")
    for request in requests:
        expect(counts_of(request, True) == BY_URING, f"by io_uring: {counts_of(request, True)}")
        expect(counts_of(request, False) == BY_POOL, f"by the pool: {counts_of(request, False)}")
        judge(request)
    t.note = f"{sum(BY_URING.values()) * REQUESTS} operations by io_uring"


@live(node=[22, 24, 26], full=True)
def later_releases_ask_the_pool(t, node):
    """They do not listen to the variable; nothing is missing or told twice."""
    requests = traced(t, node, UV_USE_IO_URING="1")
    expect(len(requests) == REQUESTS, f"{len(requests)} requests")
    for request in requests:
        every = counts_of(request, False)
        expect(every == {**BY_URING, **BY_POOL}, f"by the pool: {every}")
        judge(request)
