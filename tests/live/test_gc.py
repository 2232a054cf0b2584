# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Continuations are followed through garbage collections: all of them, and none to the wrong request."""
import json

from harness import (ROOT, answers, app_main, connect, expect, expect_truth, free_ports, live, read_ndjson,
                     requests_of, settle, summary_of, wait_until)
from test_requests import compare_statuses, offscore

APP = ROOT / "tests/apps/gc-stress"
REQUESTS = 400
CONNECTIONS = 50
MIN_FULL = 10  # collections while it ran
MIN_SCAVENGES = 20


def report_of(port):
    """What the application counted."""
    connection = connect(port)
    connection.request("GET", "/report")
    report = json.loads(connection.getresponse().read())
    connection.close()
    return report


def load(t, node, port, threads, requests):
    """Its load, from start to end: {rid: status}."""
    path = t.folder / "statuses.json"
    child = t.start("load", [t.nodes[node], APP / "load.cjs", port, requests, CONNECTIONS, 1, path, threads])
    status = child.wait(180)
    expect(status == 0, f"the load failed: {child.out()} {child.err()[-300:]}")
    return {int(rid): code for rid, code in json.loads(path.read_text()).items()}


def stress(t, node, *flags, threads=1, requests=REQUESTS):
    port, _ = free_ports()
    trace = t.folder / "trace.ndjson"
    server = t.node(node, "--expose-gc", *flags, APP / app_main(APP), port, threads, port=port)
    for i in range(1, threads):
        wait_until(lambda i=i: answers(port + i), 10, f"thread {i} answers")
    tracer = t.tracer(server.pid, "-v", "--show-query", "--no-stacks", "--format", "ndjson", "-o", trace)
    before = [report_of(port + i) for i in range(threads)]
    statuses = load(t, node, port, threads, requests)
    settle([server.pid])
    after = [report_of(port + i) for i in range(threads)]
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    server.end()
    counts = {key: sum(b[key] - a[key] for a, b in zip(before, after)) for key in before[0]}
    judge(t, read_ndjson(trace), statuses, counts, offscore(t, trace))


def judge(t, lines, statuses, counts, score):
    t.note = (f"{len(statuses)} requests, {counts['touches']} continuations, {counts['scavenges']} scavenges, "
              f"{counts['full']} full collections: {score['right_pct']:.2f} % right, {score['wrong']} wrong")
    compare_statuses(lines, statuses)
    expect(summary_of(lines)["lost"] == 0, f"{summary_of(lines)['lost']} events were lost")
    expect(counts["full"] >= MIN_FULL and counts["scavenges"] >= MIN_SCAVENGES, f"too few collections: {counts}")
    expect(score["named"] == counts["touches"], f"{counts['touches']} touches, in the trace {score['named']}")
    expect_truth(score["wrong"] == 0, f"operations of wrong requests: {score}")
    expect(score["right"] == score["named"], f"operations of no request: {score}")
    never = [op["detail"] for request in requests_of(lines) for op in request["ops"] if op["detail"].endswith(".never")]
    expect(not never, f"what never ran is in the trace: {never[:3]}")


@live(node=[16, 20, 22, 24, 25, 26])
def promises_survive_collections(t, node):
    stress(t, node)


@live(node=[20, 22, 24])
def promises_survive_compactions(t, node):
    """Full collections that move old objects as well."""
    stress(t, node, "--compact-on-every-full-gc")


@live(node=[22])
def promises_survive_collections_in_worker_threads(t, node):
    """Three heaps, each with collections of its own."""
    stress(t, node, threads=3)


@live(node=[18], full=True)
def promises_survive_collections_and_compactions(t, node):
    stress(t, node)
    stress(t, node, "--compact-on-every-full-gc")


@live(node=[18, 20, 24], full=True)
def promises_survive_many_collections(t, node):
    stress(t, node, "--max-semi-space-size=1", threads=2, requests=2000)
