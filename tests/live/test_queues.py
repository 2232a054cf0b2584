# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""What node runs from queues of its own: ticks and timers of several requests, in one drain and in one phase."""
import collections
import json
import re

from harness import ROOT, expect, expect_truth, free_port, live, read_ndjson, summary_of

APP = ROOT / "tests/apps/queues"
NAMED = re.compile(r"rid-(\d+)\.([a-zA-Z]+\d*)")
RID = re.compile(r"[?&]rid=(\d+)")


def traced(t, node, requests, connections, *options):
    """The lines of the tracer for a load on all ways."""
    port = free_port()
    path = t.folder / "trace.ndjson"
    server = t.node(node, APP / "app.cjs", port, port=port)
    tracer = t.tracer(server.pid, "--show-query", "--format", "ndjson", "-o", path, *options)
    statuses = t.folder / "statuses.json"
    load = t.start("load", [t.nodes[node], APP / "load.cjs", port, requests, connections, 1, statuses])
    expect(load.wait(120) == 0, f"the load failed: {load.out()} {load.err()[-300:]}")
    expect(tracer.stop() == 0, f"the tracer failed: {tracer.err()[-500:]}")
    expect(set(json.loads(statuses.read_text()).values()) == {200}, "not every request was answered")
    return read_ndjson(path)


def counts_of(lines):
    """{tag of the way: how many of its operations are right, wrong, none}"""
    counts = collections.defaultdict(collections.Counter)
    for line in lines:
        own = RID.search(line["url"]) if line["k"] == "req" else None
        for op in line["ops"] if line["k"] in ("req", "none") else ():
            named = NAMED.search(op["detail"] or "")
            if named:
                word = "none" if line["k"] == "none" else "right" if own and own.group(1) == named.group(1) else "wrong"
                counts[named.group(2)][word] += 1
    return counts


def judged(t, counts, rare):
    """Nothing is wrong; what is of nobody is only what `rare` says, in per cent of all."""
    total = sum(counts.values(), collections.Counter())
    t.note = f"{sum(total.values())} operations, right {total['right']} wrong {total['wrong']} none {total['none']}"
    wrong = {tag: dict(count) for tag, count in counts.items() if count["wrong"]}
    expect_truth(not wrong, f"operations of wrong requests: {wrong}")
    none = {tag: dict(count) for tag, count in counts.items() if count["none"]}
    expect(total["none"] <= rare / 100 * sum(total.values()), f"operations of no request: {none}")
    return counts


# What is called in the scope of an AsyncResource, and makes ticks that show nothing, which AsyncLocalStorage has right.
BOUND = ["boundNative1", "boundNative2", "bound1"]


@live(node=[18, 22, 26], full=True)
@live(node=[20, 24])
def ticks_are_of_those_who_made_them(t, node):
    """By ids alone: the queue of ticks is read when a scope ends."""
    lines = traced(t, node, 400, 32, "--no-closures")
    expect(summary_of(lines)["lost"] == 0, f"{summary_of(lines)['lost']} events were lost")
    counts = {tag: count for tag, count in counts_of(lines).items() if tag in BOUND}
    expect(set(counts) == set(BOUND), f"no operations of {set(BOUND) - set(counts)}")
    judged(t, counts, 0)


# What timers of many lists do that show nothing themselves, and are due in one phase.
SILENT_TIMERS = ["same", "sameOne", "sameDeep", "lists", "listsDeep", "listsMicro", "listsThen", "unref", "interval1",
                 "interval2", "interval3", "refreshed0", "refreshed1", "refreshed2", "rearmed", "cleared", "clearedFirst"]


@live(node=[16, 18, 22, 26], full=True)
@live(node=[20, 24])
def silent_timers_of_many_lists_run_for_their_requests(t, node):
    """By ids alone, in a program that enters AsyncResources: node's lists of timers tell who runs, and what one does that
    enters another's resource is nobody's rather than its own."""
    lines = traced(t, node, 400, 32, "--no-closures")
    expect(summary_of(lines)["lost"] == 0, f"{summary_of(lines)['lost']} events were lost")
    counts = counts_of(lines)
    wrong = {tag: dict(count) for tag, count in counts.items() if count["wrong"]}
    expect_truth(not wrong, f"operations of wrong requests: {wrong}")
    expect(counts["boundSilent"], "no timer entered the resources of others")
    silent = {tag: counts[tag] for tag in SILENT_TIMERS}
    expect(all(silent.values()), f"no operations of {[tag for tag in silent if not silent[tag]]}")
    judged(t, silent, 5)
