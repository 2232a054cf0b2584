# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Several processes at once, named or followed: every request with its process, exact as with one."""
import json
import os
import pathlib
import re
import signal

from harness import (ROOT, bpf_objects, expect, expect_truth, free_port, live, read_ndjson, requests_of,
                     settle, summary_of, wait_until)
from test_attach import gone

APP = ROOT / "tests/apps/cluster"
# Ids and tokens alone must be exact; what closures add to them is judged elsewhere.
WORDS = ("--no-closures", "--show-query", "--format", "ndjson", "-o")
RID = re.compile(r"rid=(\d+)")


def children(pid):
    pids = []
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        pids += [int(word) for word in path.read_text().split()]
    return sorted(pids)


def start_cluster(t, node, workers=4, when="now"):
    port = free_port()
    primary = t.node(node, APP / "app.cjs", port, workers, when)
    wait_until(lambda: primary.out() or not primary.alive(), 15, "the primary is there")
    if when == "now":
        all_serve(primary, workers)
    return primary, port


def all_serve(primary, workers=4):
    """The first that listens answers for all; one that has not come so far is none to attach to, and gets no request."""
    wait_until(lambda: primary.out().splitlines().count("serving") == workers, 20, "all workers serve")


def ask_cluster(t, node, port, requests):
    """{rid: [pid, status]}"""
    load = t.start("load", [t.nodes[node], APP / "load.cjs", port, requests, 16])
    expect(load.wait(60) == 0, f"the load failed: {load.err()[-500:]}")
    return {int(rid): answer for rid, answer in json.loads(load.out()).items()}


def attach(t, count, *words):
    """The tracer on several processes, each of which takes its time on a busy machine."""
    tracer = t.tracer(*words, attached=False)
    wait_until(lambda: tracer.err().count("tracing pid") == count or not tracer.alive(), 60, "all are attached")
    expect(tracer.alive(), f"the tracer ended with {tracer.child.returncode}: {tracer.err()[-500:]}")
    return tracer


def attribution(requests):
    """Operations that name a request: how many there are, and how many stand in the wrong one."""
    named = wrong = 0
    for request in requests:
        rid = RID.search(request["url"]).group(1)
        for op in request["ops"]:
            match = re.search(r"no-such-file-(\d+)", op["detail"] or "")
            if match:
                named += 1
                wrong += match.group(1) != rid
    return named, wrong


def compare(t, lines, truth):
    requests = [request for request in requests_of(lines) if RID.search(request["url"])]
    traced = {}
    for request in requests:
        rid = int(RID.search(request["url"]).group(1))
        expect(rid not in traced, f"request {rid} is in the trace twice")
        traced[rid] = [request["pid"], request["status"]]
    missing = sorted(set(truth) - set(traced))
    expect(not missing, f"{len(missing)} of {len(truth)} requests are missing: {missing[:10]}")
    differing = {rid: (truth[rid], traced[rid]) for rid in truth if truth[rid] != traced[rid]}
    expect(not differing, f"{len(differing)} with another process or status: {list(differing.items())[:5]}")
    ids = {request["id"] for request in requests_of(lines)}
    expect(len(ids) == len(requests_of(lines)), "two requests have the same id")
    expect(summary_of(lines)["lost"] == 0, f"{summary_of(lines)['lost']} events were lost")
    named, wrong = attribution(requests)
    expect(named == len(truth), f"{named} operations name a request, of {len(truth)}")
    expect_truth(wrong == 0, f"{wrong} of {named} operations stand in the wrong request")
    paths = {op["detail"] for request in requests for op in request["ops"] if op["type"] == "fs.read"}
    expect(paths == {str(APP / "app.cjs")}, f"what was read: {paths}")
    pids = {request["pid"] for request in requests}
    t.note = f"{len(truth)} requests of {len(pids)} processes, {named} named operations, all right"
    return pids


@live(node=[18, 22], full=True)
@live(node=[20, 24])
def cluster_of_four_by_pids(t, node):
    primary, port = start_cluster(t, node)
    pids = [primary.pid, *children(primary.pid)]
    path = t.folder / "trace.ndjson"
    tracer = attach(t, 5, ",".join(map(str, pids[:3])), "-p", pids[3], pids[4], *WORDS, path)
    tracer.targets = pids
    truth = ask_cluster(t, node, port, 800)
    objects = bpf_objects(tracer.pid)
    expect(tracer.stop() == 0, f"the tracer failed: {tracer.err()[-500:]}")
    expect(compare(t, read_ndjson(path), truth) == set(pids[1:]), "not all workers served")
    expect(objects, "the tracer held no program")
    wait_until(lambda: gone(objects), 30, "BPF programs and links are gone")


@live(node=[24], full=True)
@live(node=[20])
def cluster_of_four_that_is_followed(t, node):
    """The workers are started when the tracer is there already."""
    primary, port = start_cluster(t, node, when="told")
    path = t.folder / "trace.ndjson"
    tracer = t.tracer(primary.pid, "--follow", *WORDS, path)
    os.kill(primary.pid, signal.SIGUSR2)
    wait_until(lambda: tracer.err().count("following pid") == 4, 60, "all workers are followed")
    all_serve(primary)
    tracer.targets = children(primary.pid)
    truth = ask_cluster(t, node, port, 800)
    expect(tracer.stop() == 0, f"the tracer failed: {tracer.err()[-500:]}")
    compare(t, read_ndjson(path), truth)


@live(node=[22])
def who_gives_the_primary_alone_is_told(t, node):
    """A primary serves nothing: that its workers do, and are not traced, is said."""
    primary, _ = start_cluster(t, node, workers=2)
    status, _, err = t.run_tracer("-p", primary.pid, "-d", "100ms")
    expect(status == 0, f"exit status {status}: {err}")
    expect(f"2 Node.js processes below pid {primary.pid} are not traced, --follow does" in err, err)


@live(node=[22])
def the_capture_ends_with_the_last_process(t, node):
    """One that ends takes nothing from the others, and its requests are kept."""
    primary, port = start_cluster(t, node, workers=2)
    workers = children(primary.pid)
    path = t.folder / "trace.ndjson"
    tracer = attach(t, 2, ",".join(map(str, workers)), *WORDS, path)
    first = ask_cluster(t, node, port, 100)
    os.kill(workers[0], signal.SIGKILL)
    wait_until(lambda: f"pid {workers[0]} has ended" in tracer.err(), 5, "its end is told")
    expect(tracer.alive(), "the tracer ended with the first of two")
    second = ask_cluster(t, node, port, 50)
    settle(workers[1:])
    os.kill(workers[1], signal.SIGKILL)
    expect(tracer.wait(20) == 6, f"the tracer ended with {tracer.child.returncode}: {tracer.err()[-500:]}")
    traced = {(int(RID.search(request["url"]).group(1)), request["pid"]) for request in requests_of(read_ndjson(path))}
    for answered in (first, second):
        missing = {(rid, pid) for rid, (pid, _) in answered.items()} - traced
        expect(not missing, f"missing requests: {sorted(missing)[:5]}")


@live(node=[20])
def processes_of_different_versions(t, node):
    """Each has its own layout."""
    servers = [t.demo(version, rate=20)[0] for version in (18, 20, 22, 24)]
    path = t.folder / "trace.ndjson"
    tracer = attach(t, 4, ",".join(str(server.pid) for server in servers), *WORDS, path)
    wait_until(lambda: all(f'"pid":{server.pid},' in path.read_text() for server in servers), 30, "requests of all four")
    expect(tracer.stop() == 0, f"the tracer failed: {tracer.err()[-500:]}")
    pids = {request["pid"] for request in requests_of(read_ndjson(path))}
    expect(pids == {server.pid for server in servers}, f"requests of {len(pids)} processes only")
