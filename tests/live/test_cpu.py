# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Lines of JavaScript that computes for long, by samples."""
import collections
import concurrent.futures
import contextlib
import os
import re
import subprocess

from harness import ROOT, ask, cpu_seconds, expect, expect_truth, free_port, live, read_ndjson, requests_of, wait_until
from test_view import Terminal

APP = ROOT / "tests/apps/cpu/server.js"
BUSY = ("work", "compute")  # functions of the application
CALLS = ROOT / "tests/apps/cpu/calls.js"
CALLED = ("clock", "math", "regex", "derive", "compress", "compare", "parse")  # functions there that call
CALL_ROUNDS = 3
CALL_SHARE = 0.4  # of the CPU time has a line: nearly all, less collections; a tenth when the walk gets lost
ROUNDS = 8
PINNED = 3  # requests that share their CPU
VICTIMS = 3


def body(port, path):
    return ask(port, path)[1].decode()


def busy_lines():
    """The lines of those functions."""
    lines, inside, found = APP.read_text().splitlines(), None, set()
    for number, line in enumerate(lines, 1):
        begin = re.match(r"function (\w+)\(", line)
        inside = begin.group(1) if begin else inside
        if inside in BUSY:
            found.add(number)
        if line == "}":
            inside = None
    return found


def block_round(port):
    with concurrent.futures.ThreadPoolExecutor(VICTIMS) as pool:
        victims = [pool.submit(body, port, "/victim") for _ in range(VICTIMS)]
        wait_until(lambda: int(body(port, "/waiting")) == VICTIMS, 20, "the victims wait")
        body(port, "/block")
        expect(all(victim.result() == "late" for victim in victims), "the victims were not answered")


def share_of_busy(counts):
    """How much of it is at the lines that computed; counts is by (function, file, line)."""
    right = sum(n for (function, file, line), n in counts.items()
                if function in BUSY and file == str(APP) and line in busy_lines())
    return right / sum(counts.values())


def check_samples(requests):
    blocks = [request for request in requests if request["url"] == "/block"]
    expect(len(blocks) == ROUNDS, f"{len(blocks)} requests blocked")
    counts, told = collections.Counter(), 0
    for request in blocks:
        own = collections.Counter()
        for sample in request.get("samples", ()):
            own[sample["fn"], sample["file"], sample["line"]] += sample["count"]
        counts += own
        told += bool(own) and own.most_common(1)[0][0][0] in BUSY
    expect(told == ROUNDS, f"{told} of {ROUNDS} have a line: {counts}")
    expect(share_of_busy(counts) > 0.8, f"samples are elsewhere: {counts}")
    return sum(counts.values()) / ROUNDS


def check_blame(lines):
    rows = [line for line in lines if line["k"] == "blame" and line["culprit"] == "GET /block"
            and line["victim"] == "GET /victim"]
    worst = max(rows, key=lambda row: row["delay_ns"], default=None)
    expect(worst, "no row blames GET /block")
    expect(worst.get("sampled_ns"), f"the place was not sampled: {worst}")
    expect(share_of_busy({(worst["fn"], worst["file"], worst["line"]): 1}) == 1, f"it was not there: {worst}")


def check_folded(text):
    stacks = [line for line in text.splitlines() if "GET /block" in line and ";[sampled];" in line]
    there = [line for line in stacks if re.search(r";compute \(server\.js:\d+\)", line)]
    expect(there, f"no stack of compute(): {text}")
    times = [sum(int(line.rsplit(" ", 1)[1]) for line in some) for some in (there, stacks)]
    expect(times[0] > 0.8 * times[1], f"sampled time is elsewhere: {text}")


def check_view(t, recording):
    """The critical path pane names the line and says how it is known."""
    with contextlib.closing(Terminal(t, 160, 40)) as terminal:
        terminal.type(f"{t.tracer_path} view {recording} --filter 'path==\"/block\"'", "Enter")
        terminal.shows(r"GET .*/block", 20)
        terminal.type("Enter")
        terminal.shows(r"JavaScript of its own.*(compute|work) server\.js:\d+ \(sampled\)", 20)
        terminal.type("q", "q")


def computing_has_a_line(t, node, view=False):
    port, trace, recording = free_port(), t.folder / "trace.ndjson", t.folder / "events.rec"
    server = t.node(node, APP, port, port=port)
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", trace, "--record-events", recording)
    for _ in range(ROUNDS):
        block_round(port)
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    lines = read_ndjson(trace)
    t.note = f"{check_samples(requests_of(lines)):.1f} samples of 80 ms"
    check_blame(lines)
    status, text, err = t.run_tracer("--replay", recording, "--folded=cpu")
    expect(status == 0, err[-500:])
    check_folded(text)
    if view:
        check_view(t, recording)


@live(node=[20, 24])
def long_javascript_has_a_line(t, node):
    computing_has_a_line(t, node, view=node == 24)


@live(full=True, node=[16, 18, 22, 25, 26])
def long_javascript_has_a_line_on_all_versions(t, node):
    computing_has_a_line(t, node)


def check_called(requests, called, used):
    """The samples of a function that computes in what it calls. Returns the us that are there."""
    samples = [sample for request in requests if request["url"] == f"/{called}" for sample in request.get("samples", ())]
    times = collections.Counter()
    for sample in samples:
        times[sample["fn"]] += sample["cpu_ns"] / 1000
    # who calls it asks how long that took, and answers; those without a function are node's own
    elsewhere = set(times) - {called, "until", "answer", None}
    expect_truth(not elsewhere, f"{called}() was not at {elsewhere}")
    # optimised code does not always tell its line: then that of who calls it is told
    expect(times[called] + times["until"] > CALL_SHARE * used, f"{called}() has {times} of {used} us: {samples}")
    return times[called]


def what_it_calls_has_a_line(t, node):
    port, trace = free_port(), t.folder / "trace.ndjson"
    server = t.node(node, CALLS, port, port=port)
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", trace)
    used = {called: sum(int(body(port, f"/{called}")) for _ in range(CALL_ROUNDS)) for called in CALLED}
    expect(tracer.stop() == 0, tracer.err()[-500:])
    requests = requests_of(read_ndjson(trace))
    expect(len(requests) == CALL_ROUNDS * len(CALLED), f"{len(requests)} requests")
    times = {called: check_called(requests, called, used[called]) for called in CALLED}
    t.note = ", ".join(f"{called} {time / used[called]:.0%}" for called, time in times.items())
    expect(sum(times.values()) > CALL_SHARE * sum(used.values()), f"{times} of {used} us have a line")


@live(node=[18, 24])
def javascript_that_computes_in_what_it_calls_has_a_line(t, node):
    """The line is known while a C library, the vdso, assembly or a regular expression runs."""
    what_it_calls_has_a_line(t, node)


@live(full=True, node=[16, 20, 22, 25, 26])
def what_it_calls_has_a_line_on_all_versions(t, node):
    what_it_calls_has_a_line(t, node)


@live(node=[22])
def no_samples_when_not_asked(t, node):
    port, trace = free_port(), t.folder / "trace.ndjson"
    server = t.node(node, APP, port, port=port)
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", trace, "--cpu-samples=0")
    body(port, "/block")
    expect(tracer.stop() == 0, tracer.err()[-500:])
    requests = requests_of(read_ndjson(trace))
    expect(requests and not any("samples" in request for request in requests), "there are samples")


@live(node=[20])
def callbacks_that_wait_for_a_cpu_are_told(t, node):
    """A competitor on the same CPU: what the callback lacked of it, as the application measured it."""
    port, trace, cpu = free_port(), t.folder / "trace.ndjson", min(os.sched_getaffinity(0))
    server = t.node(node, APP, port, port=port)
    competitor = t.start("competitor", ["taskset", "-c", str(cpu), "sh", "-c", "while :; do :; done"])
    wait_until(lambda: cpu_seconds(competitor.pid) > 0.05, 10, "the competitor has the CPU")
    subprocess.run(["taskset", "-acp", str(cpu), str(server.pid)], check=True, capture_output=True)
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", trace, "--on-cpu")
    truth = [float(body(port, "/preempted")) for _ in range(PINNED)]
    expect(tracer.stop() == 0, tracer.err()[-500:])
    told = [request.get("preempted_ns", 0) / 1e6 for request in requests_of(read_ndjson(trace))]
    t.note = f"{sum(told):.0f} ms of {sum(truth):.0f} ms"
    expect(len(told) == PINNED and sum(truth) > 0, f"{told}")
    expect(0.5 < sum(told) / sum(truth) < 1.5, f"preempted {told}, the application says {truth}")
