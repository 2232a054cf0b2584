# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""The node of the distribution: libnode.so and libuv.so, stripped of all that is not exported."""
import contextlib
import subprocess

from harness import PATIENCE, ROOT, Failure, expect, live, read_ndjson, requests_of
from test_requests import judge, must_be_right


def distribution_node(t):
    """Puts it among the nodes as "debian"; False where the package sources have none."""
    run = subprocess.run([ROOT / "scripts/debian-node.sh"], capture_output=True, text=True, timeout=300 * PATIENCE)
    if run.returncode == 3:
        t.note = "left out: the package sources have no libnode"
        return False
    if run.returncode:
        raise Failure(f"debian-node.sh: {run.stderr}")
    t.nodes["debian"] = run.stdout.strip()
    return True


@live(app=["d01", "d02", "d07"])
def requests_of_the_distributions_node(t, app):
    if distribution_node(t):
        must_be_right(judge(t, app, "debian"))


@live()
def stacks_of_the_distributions_node(t):
    """JavaScript functions with file and line, libuv's jobs with their time on the pool."""
    if not distribution_node(t):
        return
    server, _, _ = t.demo("debian")
    requests = requests_of(t.capture(server, 150))
    ops = [op for request in requests for op in request["ops"]]
    frames = {(frame["fn"], frame["file"].rsplit("/", 1)[-1])
              for op in ops for frame in op.get("stack", []) if frame["file"] and frame["line"]}
    wanted = {("readCatalogue", "products.js"), ("saveOrder", "orders.js")}
    expect(wanted <= frames, f"missing in the stacks: {wanted - frames}")
    files = [op for op in ops if op["type"].startswith("fs.")]
    expect(files, "there is no file operation")
    timed = [op for op in files if op.get("started_ns")]
    expect(len(timed) > 0.9 * len(files), f"{len(timed)} of {len(files)} file operations have their time on the pool")
    t.note = f"{len(requests)} requests, {len(ops)} operations, {len(frames)} places in JavaScript"


@contextlib.contextmanager
def without(t, node, *symbols):
    """A copy of a node build that lacks some symbols, or its whole table; among the nodes as "variant"."""
    path = t.folder / "node-variant"
    words = [f"--strip-symbol={symbol}" for symbol in symbols] or ["--strip-all"]
    subprocess.run(["objcopy", *words, t.nodes[node], path], check=True, timeout=60 * PATIENCE)
    t.nodes["variant"] = path
    try:
        yield
    finally:
        path.unlink()  # 100 MB


@live(node=[20], full=True)
@live(node=[18, 22])
def requests_of_a_stripped_node(t, node):
    with without(t, node):
        must_be_right(judge(t, "d01", "variant"))


@live(node=[24])
def a_stripped_node_that_hides_too_much_is_refused(t, node):
    """Its V8 exports nothing, so there is nothing to start from."""
    with without(t, node):
        server, _, _ = t.demo("variant")
        status, _, err = t.run_tracer("-p", server.pid)
        expect(status == 5, f"ended with {status}: {err}")
        expect("stripped" in err and "Builtins_RunMicrotasks" in err and "official" in err, f"not named: {err}")


def capture_with_warnings(t):
    server, _, _ = t.demo("variant")
    path = t.folder / "trace.ndjson"
    tracer = t.tracer(server.pid, "-c", "100", "--format", "ndjson", "-o", path)
    expect(tracer.wait(60) == 0, f"the tracer failed: {tracer.err()[-500:]}")
    return requests_of(read_ndjson(path)), [line for line in tracer.err().splitlines() if "warning" in line]


@live()
def a_lacking_job_costs_its_time_on_the_pool(t):
    """The rest goes on, and what is lost is said once."""
    with without(t, 20, "uv__queue_work"):
        requests, warnings = capture_with_warnings(t)
        expect(len(warnings) == 1 and "queued_work_start" in warnings[0] and "doctor" in warnings[0], f"{warnings}")
        jobs = [op for request in requests for op in request["ops"] if op["type"] in ("crypto", "zlib")]
        files = [op for request in requests for op in request["ops"] if op["type"].startswith("fs.")]
        expect(jobs and files, f"{len(jobs)} jobs, {len(files)} file operations")
        expect(not any(op.get("started_ns") for op in jobs), "a job has a time that nobody saw")
        expect(all(op.get("started_ns") for op in files), "a file operation has no time on the pool")


@live()
def a_lacking_builtin_costs_promises(t):
    with without(t, 20, "Builtins_PerformPromiseThen"):
        requests, warnings = capture_with_warnings(t)
        expect(len(warnings) == 1 and "promise_then" in warnings[0] and "await" in warnings[0], f"{warnings}")
        expect(requests and any(request["ops"] for request in requests), "no requests or no operations")


@live()
def a_lacking_callback_scope_is_refused(t):
    with without(t, 20, "_ZN4node21InternalCallbackScope5CloseEv"):
        server, _, _ = t.demo("variant")
        status, _, err = t.run_tracer("-p", server.pid)
        expect(status == 5 and len(err.splitlines()) == 1, f"ended with {status}: {err}")
