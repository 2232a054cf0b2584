# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Hours in minutes: functions and code that move all the time, while the tracer's memory stays flat."""
import json
import os
import re
import threading
import time

import harness
from harness import expect, expect_truth, free_port, live, wait_until
from test_stacks import APP, TOUCHED, Figures, compare, frameworks, get_json

FLAGS = ["--expose-gc", "--compact-on-every-full-gc"]
MIN_NAMED = 95.0  # per cent of the frames: what moved before it was looked at may be unknown
MAX_GROWTH = 1.10  # of the tracer's memory, from a quarter of the time on
MAX_GROWTH_KB = 4096


def resident_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))


class Trace(threading.Thread):
    """Reads the tracer's output as it comes, and keeps the stacks that were not asked for yet."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.stacks = {}

    def run(self):
        with open(self.path, encoding="utf-8") as file:
            for line in file:
                if '/stack-' not in line:
                    continue
                for op in json.loads(line).get("ops", ()):
                    match = TOUCHED.search(op["detail"] or "")
                    if match:
                        self.stacks[int(match.group(1))] = op["stack"]

    def take(self, number):
        wait_until(lambda: number in self.stacks, 10, f"stack {number} is in the trace")
        return self.stacks.pop(number)


def soak(t, node, seconds):
    port = free_port()
    server = t.node(node, *FLAGS, APP / "app.js", port, *frameworks(t, node), port=port)
    path = t.folder / "trace"
    os.mkfifo(path)
    trace = Trace(path)
    trace.start()
    tracer = t.tracer(server.pid, "-v", "--format", "ndjson", "-o", path)
    figures = Figures()
    memory = []
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        for truth in get_json(port, "/measure"):
            compare(truth, trace.take(truth["id"]), figures)
        get_json(port, "/run?times=2")
        memory.append((time.monotonic() - began, resident_kb(tracer.pid)))
        with open(t.folder / "progress", "a", encoding="utf-8") as file:
            file.write(f"{memory[-1][0]:.0f} s {memory[-1][1]} KiB {figures}\n")
    (t.folder / "problems").write_text("\n".join(figures.problems))
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    trace.join(10)
    return figures, memory


@live(full=True, node=[20, 24])
def javascript_names_hold_in_the_long_run(t, node):
    seconds = harness.SOAK_MINUTES * 60
    figures, memory = soak(t, node, seconds)
    early = max(kb for at, kb in memory if at <= max(seconds / 4, memory[0][0]))
    late = max(kb for at, kb in memory)
    t.note = f"{figures}; {early} KiB after a quarter of {seconds:.0f} s, {late} at most"
    wrong = figures.counts["wrong name"] + figures.counts["wrong line"] + figures.counts["too many frames"]
    expect_truth(not wrong, f"{figures}; {figures.problems[:5]}")
    expect(figures.percent("name") >= MIN_NAMED, f"{figures}; {figures.problems[:5]}")
    expect(late <= early * MAX_GROWTH + MAX_GROWTH_KB, f"memory grew: {t.note}")
