# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Every request is found, with its status, its times and its operations."""
import collections
import json
import os
import re
import subprocess
import sys
import time

from harness import (MAJORS, Failure, answers, app_main, expect, expect_truth, free_port, live, read_ndjson,
                     requests_of, summary_of, wait_until)

RID = re.compile(r"[?&]rid=(\d+)")
MIN_RIGHT = 95.0  # per cent of the operations that name a request
MAX_WRONG = 1.0
MAX_MEDIAN_US = 300
APPS = {"d01": "d01-raw-http", "d02": "d02-express4", "d03": "d03-fastify", "d04": "d04-koa",
        "d05": "d05-express5-pg", "d06": "d06-redis", "d07": "d07-esm-generators", "d08": "d08-realtime"}


def compare_statuses(lines, statuses):
    """Each request that the load sent stands in the trace exactly once, with the status it got."""
    traced = {}
    for request in requests_of(lines):
        match = RID.search(request["url"])
        if match:
            rid = int(match.group(1))
            expect(rid not in traced, f"request {rid} is in the trace twice")
            traced[rid] = request["status"]
    missing = sorted(set(statuses) - set(traced))
    expect(not missing, f"{len(missing)} of {len(statuses)} requests are missing: {missing[:10]}")
    differing = [(rid, code, traced[rid]) for rid, code in statuses.items() if traced[rid] != code]
    wrong = [each for each in differing if each[2] is not None]  # what is not known is not told
    expect_truth(not wrong, f"{len(wrong)} requests with a wrong status (request, sent, traced): {wrong[:10]}")
    expect(not differing, f"{len(differing)} requests without their status (request, sent, traced): {differing[:10]}")


def trace_app(t, app, node, *tracer_options, mode="off", requests=300, concurrency=16):
    """Puts the application's load on it with the tracer attached: the trace's path and the statuses."""
    folder = t.oracle / "apps" / APPS[app]
    port = free_port()
    trace = t.folder / "trace.ndjson"
    preload = () if mode == "off" else ("-r", t.oracle / "oracle.cjs")
    environment = dict(os.environ, ORACLE_DIR=str(t.folder), ORACLE_MODE=mode)
    server = t.node(node, *preload, app_main(folder), port, port=port, cwd=folder, env=environment)
    tracer = t.tracer(server.pid, "--show-query", "--format", "ndjson", "-o", trace, *tracer_options)
    statuses = t.app_load(folder, node, port, requests, concurrency)
    time.sleep(0.3)  # what goes on behind the answers
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    expect(answers(port), "the application does not answer any more")
    server.end()
    return trace, statuses


def offscore(t, trace):
    run = subprocess.run([sys.executable, t.oracle / "offscore.py", "--json", trace], capture_output=True, text=True,
                         timeout=240)
    if run.returncode:
        raise Failure(f"offscore: {run.stdout} {run.stderr}")
    return json.loads(run.stdout)


def judge(t, app, node, *tracer_options, **load):
    trace, statuses = trace_app(t, app, node, *tracer_options, **load)
    lines = read_ndjson(trace)
    compare_statuses(lines, statuses)
    summary = summary_of(lines)
    expect(summary["lost"] == 0, f"{summary['lost']} events were lost")
    score = offscore(t, trace)
    t.note = (f"{len(statuses)} requests, of {score['named']} named operations {score['right_pct']:.2f} % right, "
              f"{score['wrong_pct']:.2f} % wrong")
    return score


def must_be_right(score):
    expect(score["right_pct"] >= MIN_RIGHT, f"only {score['right_pct']} % of the operations are right: {score}")
    expect_truth(score["wrong_pct"] < MAX_WRONG, f"{score['wrong_pct']} % of the operations are wrong: {score}")


@live(app=["d01", "d02", "d07"], node=MAJORS)
def requests_and_operations(t, app, node):
    must_be_right(judge(t, app, node))


@live(app=["d03", "d04"], node=[20, 22, 24, 25, 26])
def requests_and_operations_of_newer_frameworks(t, app, node):
    must_be_right(judge(t, app, node))


@live(app=["d08"], node=MAJORS, full=True)
def requests_of_realtime(t, app, node):
    judge(t, app, node)


@live(app=["d01", "d03"], node=[20, 24], full=True)
def requests_under_stress(t, app, node):
    must_be_right(judge(t, app, node, requests=6000, concurrency=64))


def as_read(trace):
    """The same trace, in which requests begin when node read them, as they do for what looks from inside."""
    path = trace.with_name("read.ndjson")
    with open(path, "w") as file:
        for line in map(json.loads, trace.read_text().splitlines()):
            if line["k"] == "req" and line["read_ns"]:
                expect_truth(line["start_ns"] <= line["read_ns"], f"came after it was read: {line['start_ns']} {line['read_ns']}")
                line["start_ns"] = line["read_ns"]
            print(json.dumps(line), file=file)
    return path


@live(node=MAJORS)
def times(t, node):
    """Against the clock inside the target: medians of start and end."""
    trace, _ = trace_app(t, "d01", node, mode="als")
    run = subprocess.run([sys.executable, t.oracle / "score.py", "--json", "--truth", "rid", as_read(trace), t.folder],
                         capture_output=True, text=True, timeout=240)
    expect(run.returncode == 0 and run.stdout, f"score: {run.stdout} {run.stderr}")
    score = json.loads(run.stdout)
    start, end = score["start"]["median_us"], score["end"]["median_us"]
    t.note = (f"matched {score['matched_pct']:.1f} %, median error start {start:+.0f} us, end {end:+.0f} us, "
              f"F1 of operations {score['overall']['f1']:.3f}")
    expect(score["matched_pct"] == 100, f"matched {score['matched_pct']} %")
    expect(score["status_right_pct"] == 100, f"status right in {score['status_right_pct']} %")
    expect(abs(start) < MAX_MEDIAN_US, f"median error of the start is {start} us")
    expect(abs(end) < MAX_MEDIAN_US, f"median error of the end is {end} us")


@live(way=["--transport=ring", "--transport=perf", "--attach=multi", "--attach=perf"], node=[20, 24])
def ways_to_attach_and_transport(t, way, node):
    """All find the same: everything."""
    must_be_right(judge(t, "d01", node, way))


@live(node=MAJORS)
def stacks_name_functions_of_the_perf_map(t, node):
    server, _, _ = t.demo(node, flags=["--perf-basic-prof"])
    lines = t.capture(server, 150)  # three rounds of the load
    names = {frame["fn"] for request in requests_of(lines) for op in request["ops"] for frame in op.get("stack", [])}
    wanted = {"readCatalogue", "loadTemplate", "saveOrder", "queryWarehouse"}
    found = {name for name in wanted if any(name in have for have in names)}
    expect(found == wanted, f"functions of the demo missing in the stacks: {sorted(wanted - found)}; "
                            f"there are {sorted(names)[:40]}")


@live(node=MAJORS)
def demo_is_told_completely(t, node):
    """The trace holds as many requests of each status as the load got answers."""
    server, port, upstream = t.demo_server(node)
    path = t.folder / "demo.ndjson"
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", path)
    load = t.demo_load(node, port, upstream, 4, 50)
    expect(load.wait(30) == 0, f"the load failed: {load.err()}")
    expect(tracer.stop() == 0, "the tracer failed")
    traced = requests_of(read_ndjson(path))
    sent = json.loads(load.out())
    found = collections.Counter(str(request["status"]) for request in traced)
    wanted = collections.Counter(sent["byStatus"])
    more = (found - wanted).total()  # one, by which the load sees that the server is there
    expect(not wanted - found and more == 1, f"traced {dict(found)}, answered {dict(wanted)}")
    kinds = {op["type"] for request in traced for op in request["ops"]}
    # From 26 on, reading a whole file is one job.
    reading = {"fs.readfile"} if node >= 26 else {"fs.open", "fs.read", "fs.close"}
    wanted = reading | {"fs.stat", "timer", "crypto", "zlib", "http.client"}
    expect(wanted <= kinds, f"kinds of operations missing: {sorted(wanted - kinds)}; there are {sorted(kinds)}")
    nameless = {op["type"] for request in traced for op in request["ops"]
                if op["type"] in ("fs.readfile", "fs.writefile") and not op["detail"]}
    expect(not nameless, f"files without a path: {nameless}")
    t.note = f"{len(traced)} requests, kinds: {' '.join(sorted(kinds))}"


@live(node=[22])
def count_of_requests_ends_the_capture(t, node):
    server, _, _ = t.demo(node)
    path = t.folder / "ten.ndjson"
    status, _, err = t.run_tracer("-p", server.pid, "-c", "10", "--format", "ndjson", "-o", path)
    expect(status == 0, f"ended with {status}: {err}")
    lines = read_ndjson(path)
    expect(len(requests_of(lines)) == 10, f"{len(requests_of(lines))} requests instead of 10")
    summary_of(lines)


@live(node=[22])
def duration_ends_the_capture(t, node):
    server, port, _ = t.demo(node)
    for words, seconds in ((["-d", "1500ms"], 1.5), (["-d", "2"], 2.0)):
        summary = summary_of(t.capture_until(server, *words))
        lasted = summary["duration_ns"] / 1e9
        expect(seconds <= lasted < 10 * seconds, f"{words}: lasted {lasted:.2f} s")
        t.note += f"{lasted:.2f} s "
    expect(answers(port), "the server does not answer any more")


@live(node=[22])
def filters_choose_requests(t, node):
    server, _, _ = t.demo(node)
    lines = t.capture(server, 30, "--filter", 'path=~"^/products" && status==200', "--min-duration", "1ms")
    chosen = requests_of(lines)
    expect(chosen, "nothing was chosen")
    for request in chosen:
        expect(request["url"].startswith("/products") and request["status"] == 200, f"not asked for: {request['url']}")
        expect(request["end_ns"] - request["start_ns"] >= 1_000_000, "shorter than asked for")


@live(node=[22])
def many_operations_are_folded(t, node):
    """--max-nodes: a request keeps that many operations and says that it had more."""
    server, _, _ = t.demo(node)
    lines = t.capture(server, 100, "--max-nodes", "3")
    many = [r for r in requests_of(lines) if "folded" in r.get("flags", [])]
    expect(many, "no request is marked as folded")
    kept = [sum(op["type"] != "await" for op in r["ops"]) for r in many]  # async functions are no operations
    expect(max(kept) <= 4, f"more nodes than asked for: {max(kept)}")
