# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""One cell of the matrix: an application on one node, in one mode, under its load, traced and judged."""
import collections
import contextlib
import datetime
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

import parts as parts_of

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))
from harness import (Failure, Test, answers, app_main, expect, free_ports, read_ndjson, requests_of,  # noqa: E402
                     settle, summary_of, wait_until)

FOLDERS = {"d01": "d01-raw-http", "d02": "d02-express4", "d03": "d03-fastify", "d04": "d04-koa",
           "d05": "d05-express5-pg", "d06": "d06-redis", "d07": "d07-esm-generators", "d08": "d08-realtime"}
OWN = {"stress": HERE / "stress", "unseen": HERE / "unseen", "unseen2": HERE / "unseen2",
       "unseen3": HERE / "unseen3"}  # no dependencies: run where they stand
APPS = [*FOLDERS, *OWN]
NEEDS = {"d03": 18, "d04": 18}  # what their frameworks ask for
SERVICES = {"d05", "d06"}
MODES = ["off", "als", "hooks"]
RID = re.compile(r"[?&]rid=(\d+)")
# Types compared without their detail. With hooks the oracle adds no promise of its own, and so learns no path of a descriptor.
NO_DETAIL = {"als": "zlib,crypto,immediate,fs.readfile",
             "hooks": "zlib,crypto,immediate,fs.readfile,fs.read,fs.close,fs.write,fs.fstat"}
# fs.readFile of this release took these calls before the oracle could put itself in between.
UNRECORDED = {16: "fs.read,fs.close"}
MAX_WRONG_KEPT = 30

SHAPES = ["one", "threads", "cluster"]
SIZE = 4  # worker threads, processes of a cluster
# Run in every shape when nothing else is asked for; with hooks only one, of which every id is compared.
SHAPED = {"off": ["d01", "d03", "stress"], "als": ["d01", "d03", "stress"], "hooks": ["d01"]}

Cell = collections.namedtuple("Cell", "app node mode options requests connections shape")


def runs(cell):
    return cell.node >= NEEDS.get(cell.app, 0)


def is_usual(cell, given):
    """Whether it is run unless something else was asked for: several threads or processes are, of some applications."""
    return cell.shape == "one" or given.shape or cell.app in SHAPED[cell.mode]


def folder_of(build, app):
    return OWN.get(app) or build / "oracle" / "apps" / FOLDERS[app]


def key_of(cell, build_id):
    return "|".join(map(str, (*cell, build_id)))


def build_id(tracer):
    """The version that the program names, and the beginning of its digest."""
    said = subprocess.run([tracer, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    digest = hashlib.sha256(pathlib.Path(tracer).read_bytes()).hexdigest()[:12]
    commit = subprocess.run(["git", "-C", HERE, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, timeout=10)
    return f"{said.split(chr(10))[0].strip()} {commit.stdout.strip() or 'no commit'} {digest}"


@contextlib.contextmanager
def services(build):
    """PostgreSQL and Redis where the applications look for them, unless they are there already."""
    if answers(5433) and answers(6390):
        yield
        return
    script = build / "oracle" / "services.sh"
    # The database's own user must be able to walk to its files.
    with tempfile.TemporaryDirectory(prefix="ntrace-services-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)
        started = subprocess.run(["bash", script, "start", folder], capture_output=True, text=True, timeout=120,
                                 stdin=subprocess.DEVNULL)
        try:
            expect(started.returncode == 0, f"no services: {started.stdout[-300:]} {started.stderr[-300:]}")
            yield
        finally:
            subprocess.run(["bash", script, "stop", folder], capture_output=True, timeout=60)


def children_of(pid):
    return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def serve(t, cell, app, environment):
    """The application in its shape: its first process, those that serve, and their ports."""
    preload = () if cell.mode == "off" else ("-r", HERE / "oracle.cjs")
    ports = free_ports(SIZE) if cell.shape == "threads" else free_ports(1)
    if cell.shape == "one":
        words = [app_main(app), ports[0]]
    else:
        words = [HERE / f"many/{cell.shape}.cjs", app_main(app), ports[0], SIZE]
    server = t.node(cell.node, *preload, *words, port=ports[0], cwd=app, env=environment)
    for port in ports[1:]:
        wait_until(lambda port=port: answers(port), 15, f"port {port} answers")
    if cell.shape != "cluster":
        return server, [server.pid], ports
    # each listens by itself, and the first to do so answers for all
    wait_until(lambda: server.out().splitlines().count("serving") == SIZE, 20, "the processes of the cluster serve")
    settle(children_of(server.pid))
    return server, children_of(server.pid), ports


def explain(t):
    """Why each wrong one was given to the request that it was, as text."""
    run = subprocess.run([t.build / "tests/oracle/explain_ops", t.folder / "events.ntr"], capture_output=True, text=True, timeout=120)
    return run.stdout or run.stderr


def takes_ids(cell):
    """Recordings are of one process."""
    return cell.mode == "hooks" and cell.shape != "cluster"


def attach(t, cell, pids, path):
    """Tracers on these processes: one for all where it can, else one each. Returns them with their output."""
    words = ["--show-query", "--format", "ndjson", *shlex.split(cell.options)]
    if cell.shape != "cluster":  # recordings are of one process
        words += ["--record-events", path.with_name("events.ntr")]
    if len(pids) == 1 or "PID[,PID]" in t.run_tracer("--help")[1]:
        return [(t.tracer(",".join(map(str, pids)), *words, "-o", path), path)]
    paths = [path.with_suffix(f".{pid}") for pid in pids]
    return [(t.tracer(pid, *words, "-o", each), each) for pid, each in zip(pids, paths)]


def join(traces, path):
    """What several tracers wrote as one trace, its summary last, with the sums of all."""
    lines, summaries = [], []
    for trace in traces:
        *body, summary = read_ndjson(trace)
        lines += body
        summaries.append(summary)
    total = {**summaries[0], "lost": sum(summary["lost"] for summary in summaries)}
    path.write_text("".join(json.dumps(line) + "\n" for line in [*lines, total]))


def trace(t, cell):
    """The application under its load with the tracer attached: the trace's path and {rid: status}."""
    app = folder_of(t.build, cell.app)
    path = t.folder / "trace.ndjson"
    scratch = t.folder / "tmp"  # where the application keeps its files: two runs at a time must not meet
    scratch.mkdir()
    events = "1" if cell.mode == "hooks" else "0"
    environment = dict(os.environ, ORACLE_DIR=str(t.folder), ORACLE_MODE=cell.mode, ORACLE_EVENTS=events,
                       TMPDIR=str(scratch))
    server, pids, ports = serve(t, cell, app, environment)
    tracers = attach(t, cell, pids, path)
    requests = cell.requests * (SIZE if cell.shape == "cluster" else 1)  # as many to each process as to a thread
    statuses = t.app_loads(app, cell.node, ports, requests, cell.connections)
    time.sleep(0.3)
    for tracer, _ in tracers:
        status = tracer.stop()
        expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    expect(answers(ports[0]), "the application does not answer any more")
    server.end()
    if len(tracers) > 1:
        join([each for _, each in tracers], path)
    return path, statuses


def score(program, *words):
    run = subprocess.run([sys.executable, HERE / program, "--json", *words], capture_output=True, text=True, timeout=300)
    if not run.stdout:
        raise Failure(f"{program}: {run.stderr[-500:]}")
    return json.loads(run.stdout)


def compare_requests(lines, statuses):
    """Counts of requests that are missing, there twice, or have another status than the load got."""
    traced = collections.defaultdict(list)
    for request in requests_of(lines):
        match = RID.search(request["url"])
        if match:
            traced[int(match.group(1))].append(request["status"])
    return {"sent": len(statuses), "missing": sum(rid not in traced for rid in statuses),
            "twice": sum(len(codes) > 1 for codes in traced.values()),
            "wrong_status": sum(code not in traced[rid] for rid, code in statuses.items() if rid in traced)}


def against_als(path, truth, cell):
    """F1 of one trace against AsyncLocalStorage (or the hooks' own map), over all, and where it is right."""
    words = ["--truth", "als", "--by-type-only", NO_DETAIL[cell.mode], "--skip", UNRECORDED.get(cell.node, ""), path, truth]
    whole = score("score.py", *words)
    right = score("score.py", "--als-right", *words)
    proven = score("score.py", "--proven", *words)
    faults = {name: {key: types[key] for key in ("fp", "fn", "misattributed")}
              for name, types in right["ops"].items() if types["fp"] or types["fn"]}
    counts = {name: [one["overall"][key] for key in ("tp", "fp", "fn")] for name, one in
              (("f1", whole), ("f1_right", right), ("f1_proven", proven))}
    return {"requests": [right["matched"], right["requests"]], "counts": counts, "left_out": right["left_out"],
            "why_left_out": right["why_left_out"],
            "proved": right["proved"], "proofs": [right["als_vs_rid"].get(key, 0) for key in ("proof_agrees", "proof_contradicted")],
            "faults": faults,
            "start_us": right["start"]["median_us"], "end_us": right["end"]["median_us"]}


def against_hooks(t, parts):
    """Every async id that was read, against async_hooks."""
    ids = t.folder / "ids.jsonl"
    with open(ids, "w") as out:
        subprocess.run([t.build / "tests/oracle/dump_ids", t.folder / "events.ntr"], stdout=out, check=True, timeout=120)
    found = [score("idscore.py", *([] if part.tid is None else ["--thread", str(part.tid)]), ids, part.truth) for part in parts]
    ids.unlink()  # large, and made again in a moment
    return parts_of.together_ids(found)


def wrong_ones(lines):
    """Every operation that names another request than the one it hangs on."""
    found = []
    for request in requests_of(lines):
        own = RID.search(request["url"])
        for op in request["ops"]:
            named = re.search(r"rid[-=](\d+)", str(op.get("detail", "")))
            if named and not (own and own.group(1) == named.group(1)):
                found.append([request["url"], op["type"], op["detail"], op.get("evidence"), op.get("aid")])
    return found[:MAX_WRONG_KEPT]


def threads_of(lines):
    """{"pid/tid": [right, wrong, none]} of the operations that name a request of that thread."""
    found = collections.defaultdict(lambda: [0, 0, 0])
    thread = {}  # by rid
    for request in requests_of(lines):
        own = RID.search(request["url"])
        if own:
            thread[own.group(1)] = f"{request['pid']}/{request['tid']}"
    for line in lines:
        own = RID.search(line["url"]) if line.get("k") == "req" else None
        for op in line["ops"] if line.get("k") in ("req", "none") else []:
            named = re.search(r"rid[-=](\d+)", str(op.get("detail", "")))
            if named and named.group(1) in thread:
                which = 2 if line["k"] == "none" else not (own and own.group(1) == named.group(1))
                found[thread[named.group(1)]][which] += 1
    return found


def judge(t, cell):
    """The result of one cell, as it is kept; raises Failure when there is none."""
    began = time.monotonic()
    path, statuses = trace(t, cell)
    lines = read_ndjson(path)
    result = {**cell._asdict(), "threads": threads_of(lines), "version": summary_of(lines).get("node"),
              "lost": summary_of(lines)["lost"],
              "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M"),
              **compare_requests(lines, statuses), "closure": score("offscore.py", path), "wrong_ones": wrong_ones(lines)}
    if result["wrong_ones"] and cell.shape != "cluster":
        result["explained"] = explain(t)
    if cell.mode != "off":
        parts = [parts_of.Part(None, path, t.folder)] if cell.shape == "one" else parts_of.split(lines, t.folder)
        result["als"] = parts_of.together_als([against_als(part.path, part.truth, cell) for part in parts])
    if takes_ids(cell):
        result["ids"] = against_hooks(t, parts)
    result["seconds"] = round(time.monotonic() - began, 1)
    return result


def run(cell, build, nodes, tracer):
    """The same in a folder of its own, with everything ended that was started."""
    words = ["matrix", cell.app, f"node{cell.node}", cell.mode, cell.shape, *re.findall(r"\w+", cell.options)]
    t = Test("/".join(words), build, nodes, tracer)
    try:
        return judge(t, cell)
    finally:
        t.end()
