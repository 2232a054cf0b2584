# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Timers are told when they are inserted, whatever else looks like that."""
import urllib.request

from harness import ROOT, expect, expect_truth, free_port, live, read_ndjson, requests_of

APP = ROOT / "tests/apps/timers/server.js"
REQUESTS = 30


@live(node=[16, 18, 20, 24, 25, 26], full=True)
@live(node=[22])
def among_many_that_are_armed_again(t, node):
    """What arms a timer again calls the same function of node's as what inserts one: the places are told apart."""
    port = free_port()
    server = t.node(node, APP, port, port=port)
    path = t.folder / "trace.ndjson"
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", path)
    for _ in range(REQUESTS):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).read()
    expect(tracer.stop() == 0, f"the tracer failed: {tracer.err()[-500:]}")
    requests = requests_of(read_ndjson(path))
    expect(len(requests) == REQUESTS, f"{len(requests)} requests")
    without = [request["url"] for request in requests
               if [op["detail"] for op in request["ops"] if op["type"] == "timer"] != ["7"]]
    expect_truth(not without, f"{len(without)} of {len(requests)} requests without their timer")
