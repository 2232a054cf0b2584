# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Pools of worker threads: what they are sent in the callback of another's job is of the request whose job it is."""
import concurrent.futures
import os

from harness import ROOT, ask, bpf_map, expect, expect_truth, free_port, live, read_ndjson, settle, summary_of, wait_until
from test_requests import offscore

APP = ROOT / "tests/apps/pool/app.js"
ROUNDS = 6
JOBS = 4  # of a round: the first is done at once, the others wait while memory is collected
OTHERS = 12    # more than the threads that the kernel side follows at a time
WAITING = 3000 # continuations in each of them that never run: all of them are more than the kernel side has room for
MOST_NONE = 2  # of 48: one run of some forty had one; 18 when functions are not known any more after a collection


def drive(port):
    """The status of every request."""
    with concurrent.futures.ThreadPoolExecutor(JOBS) as threads:
        for n in range(ROUNDS):
            urls = [f"/job?rid={n * JOBS + i + 1}&of={JOBS}" for i in range(JOBS)]
            yield from (status for status, _ in threads.map(lambda url: ask(port, url), urls))


@live(node=[18, 20, 22, 24])
def jobs_that_waited_through_a_collection(t, node):
    jobs_are_of_their_requests(t, node)


@live(node=[22])
def jobs_of_a_server_whose_other_workers_come_and_go(t, node):
    """What of the main thread is followed stays so, however many threads there were since."""
    jobs_are_of_their_requests(t, node, OTHERS, WAITING)


def followed(tracer):
    """The threads that the kernel side knows."""
    return {int.from_bytes(bytes(int(byte, 16) for byte in entry["key"]), "little") for entry in bpf_map(tracer.pid, "threads")}


def come_and_go(port, server, tracer, n, waiting):
    """So many other workers; returns when the tracer knows that they have ended, and memory was collected."""
    expect(ask(port, f"/others?n={n}&waiting={waiting}")[0] == 200, "the others do not come and go")
    wait_until(lambda: followed(tracer) <= {int(tid) for tid in os.listdir(f"/proc/{server.pid}/task")}, 10, "threads are forgotten")
    expect(ask(port, "/others?n=0")[0] == 200, "memory is not collected")


def jobs_are_of_their_requests(t, node, others=0, waiting=0):
    port = free_port()
    trace = t.folder / "trace.ndjson"
    server = t.node(node, "--expose-gc", APP, port, port=port)
    tracer = t.tracer(server.pid, "--show-query", "--record-events", t.folder / "events.ntr", "--format", "ndjson",
                      "-o", trace)
    come_and_go(port, server, tracer, others, waiting)
    statuses = list(drive(port))
    settle([server.pid])
    expect(tracer.stop() == 0, f"the tracer failed: {tracer.err()[-500:]}")
    expect(statuses == [200] * (ROUNDS * JOBS), f"answers: {statuses}")
    expect(summary_of(read_ndjson(trace))["lost"] == 0, "events were lost")
    score = offscore(t, trace)
    t.note = f"{score['named']} operations, right {score['right']} wrong {score['wrong']} none {score['none']}"
    expect(score["named"] == 2 * ROUNDS * JOBS, f"not every operation is in the trace: {score}")
    expect_truth(score["wrong"] == 0, f"operations of wrong requests: {score}")
    expect(score["none"] <= MOST_NONE, f"operations of no request: {score}")
