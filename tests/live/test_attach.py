# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Coming and going: the target notices nothing, and nothing stays behind."""
import collections
import json
import os
import signal
import sys
import threading
import time

from harness import (IDLE, MAJORS, TRACING, answers, app_main, ask, bpf_objects, connect, expect, free_port, get,
                     kernel_bpf_objects, live, patched_text, read_ndjson, requests_of, sentences, summary_of,
                     wait_until)

ROUND = 1000  # requests of a load that goes on
PROMPT = 0.9  # seconds in which node starts on all but the busiest machines; the tracer waits for one, or three
STARTS = 5


def gone(objects):
    return not objects & kernel_bpf_objects()


class Load(threading.Thread):
    """An application's load again and again, each request with a number of its own, until enough is enough."""

    def __init__(self, t, app, node, port):
        super().__init__()
        self.words, self.t = (app, node, port), t
        self.statuses, self.rounds = collections.Counter(), 0
        self.trouble = None
        self.enough = threading.Event()
        self.start()

    def run(self):
        try:
            while not self.rounds or not self.enough.is_set():
                self.statuses.update(self.t.app_load(*self.words, requests=ROUND).values())
                self.rounds += 1
        except Exception as error:  # told by the main thread
            self.trouble = error

    def finish(self):
        self.enough.set()
        self.join()
        expect(not self.trouble, f"{self.trouble}")
        odd = {code: n for code, n in self.statuses.items() if code not in (200, 500)}
        expect(self.statuses.total() == ROUND * self.rounds and not odd, f"{self.statuses.total()} answers, odd ones: {odd}")


def in_and_out(t, way, node, turns):
    """In and out under load: no request fails, and the code is as it was."""
    app = t.oracle / "apps/d01-raw-http"
    port = free_port()
    server = t.node(node, app_main(app), port, port=port, cwd=app)
    load = Load(t, app, node, port)
    traced = 0
    for turn in range(turns):
        path = t.folder / f"turn{turn}.ndjson"
        tracer = t.tracer(server.pid, f"--attach={way}", "--format", "ndjson", "-o", path)
        tracer.targets = ()  # out again in the middle of it
        wait_until(lambda: '"k":"req"' in path.read_text() or not load.is_alive(), 10, "requests are traced")
        expect(tracer.stop() == 0, f"turn {turn}: {tracer.err()[-500:]}")
        traced += len(requests_of(read_ndjson(path)))
    load.finish()
    expect(traced > 0, "no request was traced")
    expect(get(port, "/hello?rid=0") == 200, "the server does not answer any more")
    wait_until(lambda: patched_text(server.pid, t.nodes[node]) == 0, 30, "the target's code is as it was")
    t.note = f"{traced} requests of {load.statuses.total()} traced"


@live(node=MAJORS)
def attach_and_detach_while_serving(t, node):
    in_and_out(t, "multi", node, turns=5)


@live(node=[20, 24])
def attach_and_detach_by_perf_uprobes(t, node):
    in_and_out(t, "perf", node, turns=2)


HOLDING_SERVER = """
const http = require('http');
const held = [];
http.createServer((request, response) => {
	if (request.url === '/half') response.write('first half');
	if (request.url === '/quick') response.end('quick');
	else if (request.url === '/held') response.end(String(held.length));
	else if (request.url !== '/release') held.push(response);
	else setTimeout(() => { for (const one of [...held.splice(0), response]) one.end('done'); }, 100);
}).listen(Number(process.argv[2]));
"""


@live(node=MAJORS)
def requests_under_way_are_shown_as_partial(t, node):
    """Attached while requests are open: each is there once, with its status, and says what it lacks."""
    port = free_port()
    script = t.folder / "slow.js"
    script.write_text(HOLDING_SERVER)
    server = t.node(node, script, port, port=port)
    statuses = []
    connections = [connect(port) for _ in range(4)]
    for connection, path in zip(connections, ["/slow", "/slow", "/slow", "/half"]):
        connection.request("GET", path)
    wait_until(lambda: ask(port, "/held") == (200, b"4"), 10, "the server has all four requests")
    path = t.folder / "partial.ndjson"
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", path)
    expect(get(port, "/release") == 200, "the server does not answer")
    for connection in connections:
        response = connection.getresponse()
        statuses.append(response.status)
        response.read()
        connection.request("GET", "/quick")  # on the same connection: shows what the bytes before were
        response = connection.getresponse()
        response.read()
        connection.close()
    expect(tracer.stop() == 0, tracer.err()[-300:])
    expect(statuses == [200] * 4, f"answers {statuses}")
    requests = requests_of(read_ndjson(path))
    partial = [request for request in requests if "partial" in request["flags"]]
    whole = [request for request in requests if "partial" not in request["flags"]]
    urls = sorted(request["url"] for request in whole)
    expect(urls == ["/quick"] * 4 + ["/release"], f"whole requests: {urls}")
    expect(len(partial) == 4, f"{len(partial)} of 4 open requests: {partial}")
    expect(sorted(request["status"] or 0 for request in partial) == [0, 200, 200, 200], "their statuses")
    took = [(request["end_ns"] - request["start_ns"]) / 1e9 for request in partial]
    expect(all(seconds >= 0.1 for seconds in took), f"they took {took} s")
    expect(all(request["headers_ns"] is None and not request["ops"] for request in partial), "something was guessed")
    t.note = f"{len(partial)} open requests"


@live(way=["multi", "perf"], node=[22])
def kill_leaves_nothing_behind(t, way, node):
    server, port, _ = t.demo(node)
    tracer = t.tracer(server.pid, f"--attach={way}")
    objects = bpf_objects(tracer.pid)
    expect(any(kind == "prog_id" for kind, _ in objects), "the tracer holds no BPF program")
    expect(objects & kernel_bpf_objects(), "bpftool does not list what the tracer holds")
    expect(patched_text(server.pid, t.nodes[node]) > 0, "no probe is in place while tracing")
    expect(tracer.stop(signal.SIGKILL) == -signal.SIGKILL, "the tracer was not killed")
    wait_until(lambda: gone(objects), 30, "BPF programs and links are gone")
    wait_until(lambda: patched_text(server.pid, t.nodes[node]) == 0, 30, "the target's code is as it was")
    expect(get(port, "/") == 200 and server.alive(), "the target does not answer any more")


@live(node=[22])
def exit_of_the_target_ends_the_capture(t, node):
    server, port, _ = t.demo(node)
    path = t.folder / "exit.ndjson"
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", path)
    get(port, "/", times=5)
    server.stop(signal.SIGTERM)
    status = tracer.wait(10)
    expect(status == 6, f"exit status {status} instead of 6: {tracer.err()[-300:]}")
    lines = read_ndjson(path)
    expect(requests_of(lines), "the requests before the exit are missing")
    summary_of(lines)


@live(number=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP], node=[22])
def signals_end_the_capture_well(t, number, node):
    server, port, _ = t.demo(node)
    path = t.folder / "signal.ndjson"
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", path)
    objects = bpf_objects(tracer.pid)
    get(port, "/", times=5)
    status = tracer.stop(number)
    expect(status == 0, f"exit status {status}: {tracer.err()[-300:]}")
    lines = read_ndjson(path)
    expect(requests_of(lines), "no request")
    summary_of(lines)
    wait_until(lambda: gone(objects), 30, "BPF programs and links are gone")
    expect(answers(port), "the server does not answer any more")


@live(node=[22])
def who_is_ended_while_attaching_says_so(t, node):
    """The signal is there before the first step: a capture that never began has no output, and is no failure."""
    server = t.idle_node(node)
    waits = ("import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT]); "
             "os.kill(os.getpid(), signal.SIGINT); os.execv(sys.argv[1], sys.argv[1:])")
    status, out, err = t.run_tracer("-p", server.pid, prefix=(sys.executable, "-c", waits))
    expect(status == 0 and not out, f"exit status {status}: {err}{out}")
    expect("ended before tracing began" in err, f"says nothing of it: {err}")
    expect(server.alive(), "the target is gone")


@live(node=[22])
def two_tracers_at_once(t, node):
    server, port, _ = t.demo(node)
    paths = [t.folder / "one.ndjson", t.folder / "two.ndjson"]
    tracers = [t.tracer(server.pid, "--format", "ndjson", "-o", path) for path in paths]
    get(port, "/", times=60)
    for tracer, path in zip(tracers, paths):
        expect(tracer.stop() == 0, tracer.err()[-300:])
        expect(len(requests_of(read_ndjson(path))) >= 60, "one of them saw too little")


@live(node=[22])
def a_reader_that_goes_away_is_no_error(t, node):
    """ntrace-bpf | head: quiet end."""
    server, port, _ = t.demo(node)
    script = f"{t.tracer_path} -p {server.pid} --format text | head -n 3"
    reader = t.start("reader", ["bash", "-o", "pipefail", "-c", script])
    status = reader.wait(15)
    expect(status == 0, f"exit status {status}: {reader.err()[-300:]}")
    expect(len(reader.out().splitlines()) == 3, f"not three lines: {reader.out()}")
    expect(answers(port), "the server does not answer any more")


@live(node=[22])
def an_idle_target_is_attached_at_once(t, node):
    """No event is waited for, and the tracer's own cost is next to nothing."""
    server = t.idle_node(node)
    began = time.monotonic()
    path = t.folder / "idle.ndjson"
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", path)  # waits for ever when it waits for an event
    took = time.monotonic() - began
    time.sleep(1)  # there is nothing to wait for: that is what is looked at
    expect(tracer.stop() == 0, tracer.err()[-300:])
    summary = summary_of(read_ndjson(path))
    said = [line for line in sentences(tracer.err()) if "warning" in line]
    expect(not said, f"warnings: {said}")
    t.note = f"attached in {took:.2f} s, {json.dumps(summary)[:120]}"


START_SCRIPT = """
const fs = require('fs');
require('http').createServer(function answer(request, response) {
	fs.stat(__filename, () => response.end('x'));
}).listen(Number(process.argv[2]), '127.0.0.1');
"""


def attached_at_start(t, node, script, turn):
    """The server, its port, the tracer and its output; None when the machine was so slow that the start was no start."""
    port, path = free_port(), t.folder / f"start{turn}.ndjson"
    # In the first turn a shell becomes node while the tracer looks at it already.
    words = [t.nodes[node], script, port]
    began = time.monotonic()
    server = t.start("server", words if turn else ["sh", "-c", 'sleep 0.05; exec "$@"', "sh", *words])
    time.sleep(turn * 0.006)
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", path, attached=False)
    wait_until(lambda: TRACING in tracer.err() or not tracer.alive(), 30, "the tracer attaches")
    if not tracer.alive() and time.monotonic() - began > PROMPT and not answers(port):
        t.note += f"turn {turn} again: the start was slow; "
        server.end()
        return None
    expect(TRACING in tracer.err(), f"turn {turn}: the tracer ended with {tracer.child.returncode}: {tracer.err()[-500:]}")
    return server, port, tracer, path


@live(node=MAJORS)
def attaches_in_the_moment_of_the_start(t, node):
    """What is not there yet is waited for, and what comes then is seen."""
    script = t.folder / "start.js"
    script.write_text(START_SCRIPT)
    for turn in range(5):
        tries = (attached_at_start(t, node, script, turn) for _ in range(STARTS))
        started = next(filter(None, tries), None)
        expect(started, f"turn {turn}: {STARTS} starts took longer than {PROMPT} s, and it was not attached")
        server, port, tracer, path = started
        wait_until(lambda: answers(port) or not server.alive(), 15, "the server answers")
        expect(get(port, "/asked", times=3) == 200, f"turn {turn}: no answer: {server.err()}")
        expect(tracer.stop() == 0, f"turn {turn}: {tracer.err()[-500:]}")
        requests = [request for request in requests_of(read_ndjson(path)) if request["url"] == "/asked"]
        expect(len(requests) == 3, f"turn {turn}: {len(requests)} requests instead of 3: {tracer.err()[-300:]}")
        names = {frame["fn"] for request in requests for op in request["ops"] for frame in op.get("stack", [])}
        expect("answer" in names, f"turn {turn}: its stacks name {sorted(names)}")
        server.end()


@live(node=[22])
def says_that_it_traces_when_all_is_ready(t, node):
    """Who waits for that line finds the output there, and may end us: here the output's reader has not come yet."""
    pipe = t.folder / "trace.fifo"
    os.mkfifo(pipe)
    server = t.idle_node(node)
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", pipe, attached=False)
    waiting = "waiting for a reader"
    wait_until(lambda: waiting in tracer.err() or not tracer.alive(), 30, "it waits for the reader")
    expect(waiting in tracer.err() and TRACING not in tracer.err(), f"it says: {tracer.err()}")
    with open(pipe) as reader:
        t.attached(tracer)
        expect(tracer.stop() == 0 and '"k":"summary"' in reader.read(), f"the output is not whole: {tracer.err()}")
    second = t.tracer(server.pid, "--format", "ndjson", "-o", pipe, attached=False)
    wait_until(lambda: waiting in second.err() or not second.alive(), 30, "it waits again")
    expect(second.stop() == 1 and "nobody reads it" in second.err(), f"it says: {second.err()}")


@live(node=[22])
def a_start_that_does_not_end_is_told(t, node):
    """Its settings come from a pipe that nobody writes to: waited for, and then one sentence."""
    pipe = t.folder / "settings"
    os.mkfifo(pipe)
    server = t.start("server", [t.nodes[node], f"--env-file={pipe}", "-e", IDLE])
    began = time.monotonic()
    status, _, err = t.run_tracer("-p", server.pid)
    took = time.monotonic() - began
    said = sentences(err)
    expect(status == 1, f"exit status {status} instead of 1: {err}")
    expect("attaching to pid" in said[0] and "still starting" in said[-1] and len(said) == 2, f"it says: {err}")
    expect(took > 2.9, f"it waited for {took:.2f} s only")
    pipe.write_text("")
    t.idles(server)  # now it becomes a node
    t.tracer(server.pid)
