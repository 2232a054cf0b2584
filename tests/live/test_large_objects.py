# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Objects too large for what is left of a page of the heap: V8 leaves it, and allocates there again later."""
import collections

from harness import ROOT, connect, expect, expect_truth, free_port, live, read_ndjson, summary_of
from test_queues import counts_of

APP = ROOT / "tests/apps/large/app.cjs"
FLAGS = ["--expose-gc", "--min-semi-space-size=1", "--max-semi-space-size=1"]  # few pages: those that were left come soon
BATCH = 14
BATCHES = 25


def batch_of(connections, first):
    """Requests that wait for one another; returns when all have been answered."""
    for i, connection in enumerate(connections):
        connection.request("GET", f"/?rid={first + i}")
    for connection in connections:
        response = connection.getresponse()
        response.read()
        expect(response.status == 200, f"answered with {response.status}")


@live(node=[16, 18, 26], full=True)
@live(node=[20, 22, 24])
def closures_on_pages_that_were_left(t, node):
    """Each is of the request that made it, not of the one whose large object made V8 leave the page before."""
    port = free_port()
    path = t.folder / "trace.ndjson"
    server = t.node(node, *FLAGS, APP, port, BATCH, port=port)
    tracer = t.tracer(server.pid, "--show-query", "--format", "ndjson", "-o", path)
    connections = [connect(port) for _ in range(BATCH)]
    for i in range(BATCHES):
        batch_of(connections, i * BATCH)
    expect(tracer.stop() == 0, f"the tracer failed: {tracer.err()[-500:]}")
    lines = read_ndjson(path)
    expect(summary_of(lines)["lost"] == 0, f"{summary_of(lines)['lost']} events were lost")
    counts = sum(counts_of(lines).values(), collections.Counter())
    t.note = f"right {counts['right']} wrong {counts['wrong']} none {counts['none']}"
    expect(sum(counts.values()) == BATCH * BATCHES, f"{sum(counts.values())} operations name a request")
    expect_truth(counts["wrong"] == 0, f"{counts['wrong']} operations of wrong requests")
    # What closures are made of is not known at first. Not knowing where V8 9 began on a page left 62 at nobody.
    least = BATCH * BATCHES * (0.85 if node == 16 else 0.5)
    expect(counts["right"] >= least, f"only {counts['right']} operations are somebody's")
