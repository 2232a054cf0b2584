# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""The view in a real terminal (tmux): what a person sees and types."""
import contextlib
import re
import subprocess
import time

from harness import ROOT, answers, expect, live, wait_until
from test_run import demo_processes


class Terminal:
    """A tmux server of its own with one pane that runs a shell."""

    def __init__(self, t, columns=120, rows=36):
        self.socket = t.folder / "tmux"
        self.run("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows, "env PS1='ready> ' bash --norc")
        wait_until(lambda: "ready>" in self.screen(), 10, "the shell in the terminal")

    def run(self, *words):
        done = subprocess.run(["tmux", "-S", self.socket, *map(str, words)], capture_output=True, text=True,
                              timeout=20, stdin=subprocess.DEVNULL)
        expect(done.returncode == 0, f"tmux {words}: {done.stderr}")
        return done.stdout

    def screen(self):
        return self.run("capture-pane", "-p")

    def type(self, *keys):
        self.run("send-keys", *keys)

    def shows(self, pattern, seconds=5):
        try:
            wait_until(lambda: re.search(pattern, self.screen(), re.M), seconds, f"the screen shows /{pattern}/")
        except Exception as error:
            raise type(error)(f"{error}; the screen:\n{self.screen()}") from None

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True, timeout=20)


@live(node=[22])
def view_in_a_terminal(t, node):
    server, port, _ = t.demo(node, flags=["--perf-basic-prof"], seconds=60)
    with contextlib.closing(Terminal(t)) as terminal:
        terminal.type(f"{t.tracer_path} -p {server.pid} --filter 'ops>2 || status>=500'", "Enter")
        # The list: rows with method, path and status.
        terminal.shows(r"GET .*/products", 10)
        terminal.shows(r"\b200\b")
        terminal.shows(r"\b500\b", 5)
        # Frozen, so that the chosen row stays where it is.
        terminal.type("z")
        terminal.type("Down")
        terminal.type("j")
        before = terminal.screen()
        (t.folder / "list.txt").write_text(before)
        terminal.type("Enter")
        # The icicle: operations of the request on a time axis.
        terminal.shows(r"(fs\.|http\.client|timer|crypto|zlib)", 5)
        icicle = terminal.screen()
        (t.folder / "icicle.txt").write_text(icicle)
        expect(icicle != before, "Enter changed nothing")
        terminal.type("Down")
        terminal.type("l")
        time.sleep(0.3)
        (t.folder / "details.txt").write_text(terminal.screen())
        terminal.type("?")
        terminal.shows(r"(?i)(help|keys)")
        terminal.type("Escape")
        time.sleep(0.5)
        terminal.type("Escape")
        time.sleep(0.5)
        terminal.shows(r"GET .*/", 5)
        # Sizes from tiny to large: it must survive, and the list comes back.
        for columns, rows in ((40, 10), (20, 4), (200, 50), (120, 36)):
            terminal.run("resize-window", "-x", columns, "-y", rows)
            time.sleep(0.3)
        terminal.shows(r"(GET|POST) .*/", 5)
        terminal.type("q")
        terminal.shows(r"^ready> *$", 10)
        terminal.type("echo status $?; stty -a | grep -o -- '-\\?echo\\b' | head -n 1", "Enter")
        terminal.shows(r"^status 0$", 5)
        terminal.shows(r"^echo$", 5)
    expect(answers(port), "the server does not answer any more")


@live(node=[22])
def interrupt_in_the_view(t, node):
    """Ctrl-C gives the terminal back as q does."""
    server, port, _ = t.demo(node, seconds=30)
    with contextlib.closing(Terminal(t)) as terminal:
        terminal.type(f"{t.tracer_path} -p {server.pid}; echo status $?", "Enter")
        terminal.shows(r"GET .*/", 10)
        terminal.type("C-c")
        terminal.shows(r"^status 0$", 10)
        terminal.shows(r"^ready> *$", 5)
    expect(answers(port), "the server does not answer any more")


@live(node=[22])
def end_of_the_target_in_the_view(t, node):
    server, _, _ = t.demo(node, seconds=30)
    with contextlib.closing(Terminal(t)) as terminal:
        terminal.type(f"{t.tracer_path} -p {server.pid} -d 60s; echo status $?", "Enter")
        terminal.shows(r"GET .*/", 10)
        server.stop(15)
        time.sleep(1)
        # It may stay to show what it has, or end at once; q ends it in any case.
        if "status" not in terminal.screen():
            terminal.type("q")
        terminal.shows(r"^status 6$", 10)


@live()
def run_in_a_terminal(t):
    """./run opens the view on the demo, and q ends it all."""
    before = demo_processes()
    with contextlib.closing(Terminal(t)) as terminal:
        terminal.type(f"{ROOT}/run; echo status $?", "Enter")
        terminal.shows(r"(GET|POST) .*/", 240)
        terminal.type("q")
        terminal.shows(r"^status 0$", 15)
    expect(demo_processes() <= before, "it leaves the demo running")
