# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""The command that the README gives first."""
import os
import pathlib
import re
import signal

from harness import ROOT, expect, live, wait_until

REQUEST = re.compile(r"\b(GET|POST)\b")


def demo_processes():
    """Processes that run the demo out of this tree."""
    found = set()
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if str(ROOT / "demo/server.js").encode() in words:
                found.add(int(entry.name))
    return found


@live()
def run_without_a_terminal(t):
    """Prints request lines, then a folded sample, and ends by itself."""
    before = demo_processes()
    run = t.start("run", [ROOT / "run"], cwd="/")
    status = run.wait(300)
    expect(status == 0, f"exit status {status}: {run.err()[-500:]}")
    lines = run.out().splitlines()
    requests = [line for line in lines if REQUEST.search(line) and not re.search(r";.* \d+$", line)]
    folded = [line for line in lines if re.fullmatch(r"[^;]+(;[^;]+)+ \d+", line)]
    expect(len(requests) > 20, f"{len(requests)} request lines")  # of 250; a busy machine sends fewer
    expect(len(folded) >= 5, f"{len(folded)} folded lines: {lines[-15:]}")
    expect(demo_processes() <= before, "it leaves the demo running")
    t.note = f"{len(requests)} request lines, {len(folded)} folded lines"


@live()
def run_is_interrupted(t):
    """Ctrl-C: ends at once and takes its children along."""
    before = demo_processes()
    run = t.start("run", [ROOT / "run"], start_new_session=True)
    wait_until(lambda: REQUEST.search(run.out()) or not run.alive(), 120, "it prints requests")
    expect(run.alive(), f"it ended: {run.err()[-300:]}")
    os.killpg(run.pid, signal.SIGINT)
    status = run.wait(20)
    expect(status == 130, f"exit status {status}: {run.err()[-300:]}")
    expect(demo_processes() <= before, "it leaves the demo running")


@live()
def run_needs_root(t):
    content = (ROOT / "run").read_text()
    child = t.start("user", ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "bash", "-c", content,
                             "/run"], cwd="/")
    status = child.wait(20)
    expect(status == 1, f"exit status {status}: {child.err()}")
    expect(child.err().strip() == "run: needs root: sudo ./run", f"it says: {child.err()}")
