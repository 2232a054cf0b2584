# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Where the time went, against what the application measured itself."""
import concurrent.futures
import http.client
import json
import os

from harness import ROOT, MAJORS, expect, free_port, live, read_ndjson, requests_of, wait_until

APP = ROOT / "tests/apps/time/server.js"
ROUNDS = 3  # the machine may be busy: what is measured must be right in one of them
BLOCKS = 6  # … and these are short
VICTIMS = 6


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def traced(t, node, work, **options):
    """What `work(port)` returned, and the trace of it."""
    port, trace = free_port(), t.folder / "trace.ndjson"
    server = t.node(node, APP, port, port=port, **options)
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", trace)
    told = work(port)
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    return told, read_ndjson(trace)


def check_sums(lines):
    for request in requests_of(lines):
        labels = sum(request["labels"].values())
        expect(labels == request["end_ns"] - request["start_ns"], f"labels sum to {labels} ns: {request}")


def apart(measured, truth):
    return abs(measured - truth) / truth if truth > 0 else 1


@live(node=MAJORS)
def idle_and_collections_agree_with_node(t, node):
    """Idle time of the loop within 1 % of eventLoopUtilization(), collections within 5 % of perf_hooks."""
    told, lines = traced(t, node, lambda port: [ask(port, "/window") for _ in range(ROUNDS)])
    check_sums(lines)
    windows = [request for request in requests_of(lines) if request["url"] == "/window"]
    expect(len(windows) == ROUNDS, f"{len(windows)} windows")
    idle = [apart(window["loop_idle_ns"] / 1e6, truth["idle"]) for window, truth in zip(windows, told)]
    gc = [apart(window["gc_ns"] / 1e6, truth["gc"]) for window, truth in zip(windows, told)]
    t.note = f"idle {min(idle):.2%} off, collections {min(gc):.2%} off"
    expect(min(idle) < 0.01, f"idle time is off by {[f'{x:.2%}' for x in idle]}: {told}")
    expect(min(gc) < 0.05, f"collections are off by {[f'{x:.2%}' for x in gc]}: {told}")


def block_round(port):
    """Requests that wait for timers, and one that keeps the loop until all of them are late."""
    with concurrent.futures.ThreadPoolExecutor(VICTIMS) as pool:
        victims = [pool.submit(ask, port, f"/late/{i}") for i in range(VICTIMS)]
        wait_until(lambda: ask(port, "/waiting")["waiting"] == VICTIMS, 20, "the victims wait")
        ready = ask(port, "/block")["ready"]
        return ready, sum(victim.result()["late"] for victim in victims)


def delay_of(requests, culprit):
    """How long others were kept waiting by it."""
    return sum(end - start for request in requests for start, end, label, _, who in request["path"]
               if label in ("loop", "gc") and who == culprit["id"]) / 1e6


@live(node=MAJORS)
def who_keeps_the_loop_busy_is_named(t, node):
    """The route and the function that blocked the event loop, and the delay of those who waited."""
    told, lines = traced(t, node, lambda port: [block_round(port) for _ in range(BLOCKS)])
    check_sums(lines)
    requests = requests_of(lines)
    culprits = [request for request in requests if request["url"] == "/block"]
    expect(len(culprits) == BLOCKS and all(ready == VICTIMS for ready, _ in told), f"{told}")
    off = [apart(delay_of(requests, culprit), late) for culprit, (_, late) in zip(culprits, told)]
    t.note = f"delays of {VICTIMS} victims {min(off):.2%} off"
    expect(min(off) < 0.05, f"delays are off by {[f'{x:.2%}' for x in off]}: {told}")
    rows = [line for line in lines if line["k"] == "blame" and line["culprit"] == "GET /block"
            and line["victim"] == "GET /late/:id"]
    worst = max(rows, key=lambda row: row["delay_ns"], default=None)
    expect(worst, "no row blames GET /block")
    expect(worst["file"] == str(APP) and worst["line"], f"where it blocked is not known: {worst}")
    expect(apart(sum(row["delay_ns"] for row in rows) / 1e6, sum(delay_of(requests, c) for c in culprits)) < 0.001,
           f"blame says {rows}")


def pool_round(port):
    """A hash has the only thread of the pool, others wait behind it."""
    with concurrent.futures.ThreadPoolExecutor(VICTIMS + 1) as pool:
        front = pool.submit(ask, port, "/hash")
        victims = [pool.submit(ask, port, "/stat") for _ in range(VICTIMS)]
        front.result()
        return sum(victim.result()["queued"] for victim in victims)


@live(node=MAJORS)
def jobs_that_wait_for_the_pool_are_measured(t, node):
    told, lines = traced(t, node, lambda port: [pool_round(port) for _ in range(ROUNDS)],
                         env={**os.environ, "UV_THREADPOOL_SIZE": "1"})
    check_sums(lines)
    jobs = [op for request in requests_of(lines) for op in request["ops"] if "queued_ns" in op]
    stats = [op for op in jobs if op["type"] == "fs.stat"]
    expect(len(stats) == ROUNDS * VICTIMS, f"{len(stats)} jobs of fs.stat()")
    for op in jobs:
        expect(op["queued_ns"] <= op["started_ns"] <= op["finished_ns"] <= op["end_ns"], f"times in disorder: {op}")
    queued = [sum(op["started_ns"] - op["queued_ns"] for op in stats[i:i + VICTIMS]) / 1e6
              for i in range(0, len(stats), VICTIMS)]
    off = [apart(measured, truth) for measured, truth in zip(queued, told)]
    t.note = f"{VICTIMS} jobs waited {queued[0]:.0f} ms, {min(off):.2%} off"
    expect(min(off) < 0.05, f"waits are off by {[f'{x:.2%}' for x in off]}: {told}, {queued}")
