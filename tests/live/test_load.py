# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Continuations under load and garbage collections: none is given to a wrong request, and the tracer stays small."""
import json
import os
import pathlib
import re
import sys
import threading
import time

from harness import ROOT, answers, app_main, expect, expect_truth, free_port, live, settle
from test_gc import report_of

APP = ROOT / "tests/apps/gc-stress"
SCORE = ROOT / "tests/oracle/streamscore.py"
TOUCHES = 58  # continuations of a request of gc-stress that name it, about
MILLION = 1_000_000
GC_FLAGS = ["--expose-gc", "--max-semi-space-size=1"]
FIRST = ("nice", "-n", "-15")  # before everything else that runs: what is judged is whose, not how fast the machine is
MAX_RSS_MIB = 512  # whatever comes; what it took is printed
MAX_NONE = 0.0001  # of the continuations: honestly unknown is not wrong, but must be rare


class Watch(threading.Thread):
    """The most memory that a process had, looked at ten times a second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.status = pathlib.Path(f"/proc/{pid}/status")
        self.most_kib = 0
        self.first_kib = 0
        self.over = threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.1):
            try:
                match = re.search(r"VmRSS:\s+(\d+)", self.status.read_text())
            except OSError:
                return
            self.most_kib = max(self.most_kib, int(match.group(1)) if match else 0)
            self.first_kib = self.first_kib or self.most_kib


class Trace:
    """A tracer whose output is judged while it is written, and never kept."""

    def __init__(self, t, pid, *options, prefix=()):
        fifo = t.folder / "trace.fifo"
        os.mkfifo(fifo)
        self.score = t.start("score", [sys.executable, SCORE, fifo])
        self.tracer = t.start("tracer", [*prefix, t.tracer_path, "-p", pid, "--show-query", "--no-stacks", "--format",
                                         "ndjson", "-o", "-", *options], output=fifo)
        self.tracer.targets = [pid]
        self.watch = Watch(self.tracer.pid)

    def stop(self, seconds=120):
        status = self.tracer.stop(seconds=seconds)
        expect(status == 0, f"the tracer ended with {status}: {self.tracer.err()[-500:]}")
        expect(self.score.wait(seconds) == 0, f"the score failed: {self.score.err()[-500:]}")
        self.watch.over.set()
        return json.loads(self.score.out())


def begin(t, node, *flags):
    port = free_port()
    return t.node(node, *GC_FLAGS, *flags, APP / app_main(APP), port, port=port), port


def start_load(t, node, port, requests, connections, depth):
    path = t.folder / "statuses.json"
    program, last = ("load.cjs", [1, path]) if depth == 1 else ("pipelined.cjs", [depth, path])
    return t.start("load", [t.nodes[node], APP / program, port, requests, connections, *last]), path


def run(t, node, touches, connections, depth=1, late=0.0, flags=(), options=(), prefix=()):
    """A load of about so many continuations; with `late`, the tracer is attached that many seconds after its start."""
    server, port = begin(t, node, *flags)
    requests = touches // TOUCHES + 1
    before = report_of(port)
    if late:
        load, path = start_load(t, node, port, requests, connections, depth)
        time.sleep(late)
        trace = Trace(t, server.pid, *options, prefix=prefix)
    else:
        trace = Trace(t, server.pid, *options, prefix=prefix)
        t.attached(trace.tracer)
        load, path = start_load(t, node, port, requests, connections, depth)
    expect(load.wait(1200) == 0, f"the load failed: {load.out()} {load.err()[-300:]}")
    time.sleep(0.5)  # timers behind the answers
    settle([server.pid])
    after = report_of(port)
    score = trace.stop()
    expect(answers(port), "the server does not answer any more")
    counts = {key: after[key] - before[key] for key in before}
    statuses = json.loads(path.read_text())
    summary = score["summary"]
    t.note = (f"{len(statuses)} requests on {connections} connections, of {score['named']} continuations right "
              f"{score['right']} wrong {score['wrong']} none {score['none']}, {counts['scavenges']} scavenges, "
              f"{counts['full']} full collections, lost {summary['lost']}, {trace.watch.most_kib / 1024:.0f} MiB")
    expect(set(statuses.values()) == {200}, "not every request was answered")
    expect_truth(score["wrong"] == 0, f"operations of wrong requests: {score['wrong_ones'][:5]}")
    expect(score["twice"] == 0, f"{score['twice']} requests are in the trace twice")
    expect(trace.watch.most_kib < MAX_RSS_MIB * 1024, f"the tracer took {trace.watch.most_kib // 1024} MiB")
    expect(counts["full"] >= 5 and counts["scavenges"] >= 10, f"too few collections: {counts}")
    return score, counts, statuses


def complete(score, counts, statuses):
    """Nothing is missing."""
    expect(score["summary"]["lost"] == 0, f"{score['summary']['lost']} events were lost")
    expect(score["rids"] == len(statuses), f"{len(statuses)} requests sent, {score['rids']} in the trace")
    expect(score["named"] == counts["touches"], f"{counts['touches']} touches, in the trace {score['named']}")
    expect(score["none"] <= MAX_NONE * score["named"], f"{score['none']} operations of no request: {score['none_ones'][:5]}")


@live(node=[20, 24])
def load_of_fifty_connections(t, node):
    complete(*run(t, node, 40_000, 50, prefix=FIRST))


@live(depth=[1, 8], node=[22])
def load_of_five_hundred_connections(t, depth, node):
    complete(*run(t, node, 60_000, 500, depth=depth, prefix=FIRST))


@live(depth=[1, 8], node=[24])
def load_when_the_tracer_comes_late(t, depth, node):
    late(t, depth, node)


@live(depth=[1, 8], node=[18, 20, 22, 26], full=True)
def load_when_the_tracer_comes_late_to_others(t, depth, node):
    late(t, depth, node)


def late(t, depth, node):
    """In the middle of it: what had begun is partial or of nobody."""
    score, _, statuses = run(t, node, 120_000, 100, depth=depth, late=0.6)  # lasts for longer than it takes to attach
    expect(score["rids"] > len(statuses) / 20, f"only {score['rids']} of {len(statuses)} requests in the trace")


@live(node=[18, 20, 22, 24, 26], full=True)
def load_of_a_million_continuations(t, node):
    million(t, node)


@live(node=[24], full=True)
def load_of_a_million_continuations_by_ids_and_tokens(t, node):
    million(t, node, "--no-closures")


def million(t, node, *options):
    score, counts, _ = run(t, node, MILLION + MILLION // 10, 500, flags=["--compact-on-every-full-gc"], options=options,
                           prefix=FIRST)
    expect(counts["touches"] >= MILLION, f"only {counts['touches']} continuations")
    expect(score["named"] >= 0.99 * counts["touches"], f"{counts['touches']} touches, in the trace {score['named']}")


@live(node=[16, 25], full=True)
def load_of_five_hundred_connections_on_other_releases(t, node):
    complete(*run(t, node, 60_000, 500, prefix=FIRST))
