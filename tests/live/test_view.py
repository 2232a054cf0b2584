# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""The view in a real terminal (tmux): what a person sees and types."""
import contextlib
import fcntl
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import termios
import time

import harness
from harness import PATIENCE, ROOT, answers, bpf_objects, expect, live, wait_until
from test_run import demo_processes


def children(pid):
    """The processes that this one has started."""
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        yield from (int(word) for word in path.read_text().split())


class Terminal:
    """A tmux server of its own with one pane that runs a shell."""

    def __init__(self, t, columns=120, rows=36):
        self.socket = t.socket("tmux")
        self.run("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows, "env PS1='ready> ' bash --norc")
        try:
            wait_until(lambda: "ready>" in self.screen(), 10, "the shell in the terminal")
        except harness.Failure:
            self.close()
            raise

    def run(self, *words):
        done = subprocess.run(["tmux", "-S", self.socket, *map(str, words)], capture_output=True, text=True,
                              timeout=20 * PATIENCE, stdin=subprocess.DEVNULL)
        expect(done.returncode == 0, f"tmux {words}: {done.stderr}")
        return done.stdout

    def screen(self):
        return self.run("capture-pane", "-p")

    def type(self, *keys):
        self.run("send-keys", *keys)

    def click(self, column, row):
        """A press and a release of the left button, as a terminal reports it; both count from 1."""
        for end in "Mm":
            report = f"\x1b[<0;{column};{row}{end}".encode()
            self.run("send-keys", "-H", *(f"{byte:02x}" for byte in report))

    def program(self):
        """The id of what runs in the foreground of the shell."""
        shell = int(self.run("display-message", "-p", "#{pane_pid}"))
        return next(iter(children(shell)))

    def unread(self):
        """How many bytes were typed that nobody has read."""
        terminal = os.open(self.run("display-message", "-p", "#{pane_tty}").strip(), os.O_RDONLY | os.O_NOCTTY)
        try:
            return int.from_bytes(fcntl.ioctl(terminal, termios.FIONREAD, bytes(4)), "little")
        finally:
            os.close(terminal)

    def is_a_shell_again(self):
        """The prompt is there, and what is typed is seen."""
        self.shows(r"ready> *$", 15)
        self.type("clear; stty -a | grep -o -- '-\\?echo\\b' | head -n 1; tput cols >/dev/null && echo good", "Enter")
        self.shows(r"^echo$", 10)
        self.shows(r"^good$", 10)

    def shows(self, pattern, seconds=5):
        try:
            wait_until(lambda: re.search(pattern, self.screen(), re.M), seconds, f"the screen shows /{pattern}/")
        except Exception as error:
            raise type(error)(f"{error}; the screen:\n{self.screen()}") from None

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True,
                       timeout=20 * PATIENCE)


@live(node=[22])
def view_in_a_terminal(t, node):
    server, port, _ = t.demo(node, flags=["--perf-basic-prof"], seconds=60)
    with contextlib.closing(Terminal(t)) as terminal:
        terminal.type(f"{t.tracer_path} -p {server.pid} --filter 'ops>2 || status>=500'", "Enter")
        # The list: rows with method, path and status.
        terminal.shows(r"GET .*/products", 10)
        terminal.shows(r"\b200\b")
        terminal.shows(r"\b500\b", 5)
        terminal.shows(r"/reports/daily", 10)
        # Frozen, so that the chosen row stays where it is.
        terminal.type("z")
        terminal.type("Down")
        terminal.type("j")
        # One whose operations take most of its time: there is room for their names, however long it waited to be read.
        terminal.type("/", "daily", "Enter")
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
        (t.folder / "details.txt").write_text(terminal.screen())
        terminal.type("?")
        terminal.shows(r"(?i)(help|keys)")
        terminal.type("Escape", "Escape")  # out of the help, and of the request
        terminal.shows(r" AGO ", 5)
        terminal.shows(r"GET .*/", 5)
        # Sizes from tiny to large: it must survive, and the list comes back.
        for columns, rows in ((40, 10), (20, 4), (200, 50), (120, 36)):
            terminal.run("resize-window", "-x", columns, "-y", rows)
            time.sleep(0.3)  # for each to be drawn; when it is not, the test is easier
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
        # It stays to show what it has.
        terminal.shows(r" ENDED", 10)
        terminal.type("g", "Enter")
        terminal.shows(r"requests > ")
        terminal.type("Q")
        terminal.shows(r"^status 6$", 10)


@live(node=[22])
def choosing_in_the_view(t, node):
    """Search, filter with its mistakes, tags, mouse, export: on a list that stands still."""
    server, _, _ = t.demo(node, seconds=60)
    path = t.folder / "chosen.ndjson"
    with contextlib.closing(Terminal(t)) as terminal:
        # A home of its own: what is set up by whoever runs this does not matter.
        terminal.type(f"HOME={t.folder} XDG_CONFIG_HOME= {t.tracer_path} -p {server.pid}", "Enter")
        terminal.shows(r"GET .*/reports/daily", 20)
        terminal.shows(r"GET .*/products", 10)
        terminal.shows(r"POST .*/orders", 10)
        terminal.type("z")
        terminal.shows("FROZEN")
        terminal.type(":path==")
        terminal.shows(r"filter: path==.*at character 7")
        terminal.type("/reports/daily", "Enter")
        terminal.shows(r"filter path==/reports/daily")
        wait_until(lambda: "/products" not in terminal.screen(), 5, "the filter lets no others through")
        terminal.type("*")
        terminal.shows(r"more requests are tagged")
        terminal.type("Escape")
        terminal.shows(r"/products")
        terminal.type("/^POST /ORDERS", "Enter")
        terminal.shows(r"^>.*POST +/orders")
        # The head of a column sorts; a row is selected by one click, and opened by the next.
        lines = terminal.screen().splitlines()
        head = next(i for i, line in enumerate(lines) if " AGO " in line)
        terminal.click(lines[head].index("TIME") + 2, head + 1)
        terminal.shows(r"slowest first")
        terminal.click(40, head + 4)
        wait_until(lambda: terminal.screen().splitlines()[head + 3].startswith(">"), 5, "the click selects")
        terminal.type("x")
        terminal.shows("export to: ")
        terminal.type("C-u", str(path), "Enter")
        terminal.shows(r"[0-9]+ requests? written to")
        terminal.type("x", "C-u", str(path), "Enter")
        terminal.shows(r"it exists already")
        terminal.type("Q")
        terminal.is_a_shell_again()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    urls = {line["url"] for line in lines if "url" in line}
    expect(urls == {"/reports/daily"}, f"exported: {urls}")
    expect(path.stat().st_mode & 0o777 == 0o600, "the export is not private")


def requests_counted(terminal):
    """How many the head of the view says there are; it may be looked at in the middle of being drawn."""
    counts = []
    wait_until(lambda: counts.extend(re.findall(r"^ (\d+) request", terminal.screen(), re.M)) or counts, 5, "a count is shown")
    return int(counts[0])


@live(node=[22])
def pause_in_the_view(t, node):
    """Z leaves nothing in the process, and traces on afterwards."""
    server, port, _ = t.demo(node, seconds=60)
    with contextlib.closing(Terminal(t)) as terminal:
        terminal.type(f"{t.tracer_path} -p {server.pid}", "Enter")
        terminal.shows(r"GET .*/", 20)
        tracer = terminal.program()
        terminal.type("Z")
        terminal.shows(r" PAUSED", 10)
        wait_until(lambda: not bpf_objects(tracer), 10, "no program of ours is left in the kernel")
        expect(answers(port), "the server does not answer while tracing is paused")
        count = requests_counted(terminal)
        terminal.type("Z")
        terminal.shows(r" LIVE ", 20)
        wait_until(lambda: requests_counted(terminal) > count + 20, 20, "requests come again")
        terminal.type("q")
        terminal.is_a_shell_again()
    expect(answers(port), "the server does not answer any more")


@live(how=["stop", "TERM", "HUP", "SEGV"])
def terminal_is_given_back(t, how):
    server, port, _ = t.demo(22, seconds=60)
    with contextlib.closing(Terminal(t)) as terminal:
        terminal.type(f"{t.tracer_path} -p {server.pid}", "Enter")
        terminal.shows(r"GET .*/", 20)
        if how == "stop":
            terminal.type("C-z")
            terminal.is_a_shell_again()
            terminal.type("fg", "Enter")
            terminal.shows(r"GET .*/", 10)
            terminal.type("q")
        else:
            os.kill(terminal.program(), getattr(signal, f"SIG{how}"))
        terminal.is_a_shell_again()
    expect(answers(port), "the server does not answer any more")


@live(node=[22])
def view_of_a_recording(t, node):
    """A recording opens in the same program, by whoever has no privilege."""
    server, _, _ = t.demo(node, seconds=30)
    path = t.folder / "events.rec"
    status, _, err = t.run_tracer("-p", server.pid, "-c", 60, "--format", "text", "--record-events", path)
    expect(status == 0, err)
    with contextlib.closing(Terminal(t)) as terminal:
        terminal.type(f"setpriv --bounding-set=-all --inh-caps=-all --no-new-privs {t.tracer_path} view {path}; "
                      "echo status $?", "Enter")
        terminal.shows(r"REPLAY", 10)
        terminal.shows(r"GET .*/products")
        terminal.type("Enter")
        terminal.shows(r"requests > ")
        terminal.type("Z")
        terminal.shows(r"nothing is being traced")
        terminal.type("Q")
        terminal.shows(r"^status 0$", 10)


MONKEY_KEYS = ["Enter", "Escape", "BSpace", "Tab", "Space", "Up", "Down", "Left", "Right", "PageUp", "PageDown", "Home",
               "End", "C-u", "C-l", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F12", "BTab"] + \
              list("jklhgGnN/:sIf+-0[]ciwWRLxyzZ*?>=<~'abc123&|()") + ["\u00e9", "\u6771"]
MONKEY_BATCH = 20


@live(keys=[500], seed=[1])
def anything_typed_into_the_view(t, keys, seed):
    monkey(t, keys, seed)


@live(full=True, keys=[10000], seed=[2])
def much_typed_into_the_view(t, keys, seed):
    monkey(t, keys, seed)


def monkey(t, keys, seed):
    """Random keys, clicks and sizes while requests come, with sanitizers where they are built: it lives, ends well,
    loses no memory, and gives the terminal back. What it exports goes to the test's folder."""
    server, port, _ = t.demo(22, seconds=600, rate=100)
    dice = random.Random(seed)
    errors = t.folder / "errors.txt"
    resizes = 0
    with contextlib.closing(Terminal(t)) as terminal:
        terminal.type(f"cd {t.folder}; HOME={t.folder} XDG_CONFIG_HOME= {t.sanitized()} -p {server.pid} 2>{errors}; "
                      "echo status $?", "Enter")
        terminal.shows(r"GET .*/", 30)
        tracer = terminal.program()
        for typed in range(0, keys, MONKEY_BATCH):
            terminal.type(*dice.choices(MONKEY_KEYS, k=MONKEY_BATCH))
            if dice.random() < 0.3:
                terminal.click(dice.randint(1, 120), dice.randint(1, 40))
            if dice.random() < 0.2:
                resizes += 1
                terminal.run("resize-window", "-x", dice.randint(5, 220), "-y", dice.randint(2, 60))
            wait_until(lambda: terminal.unread() == 0 or not os.path.exists(f"/proc/{tracer}"), 20,
                       f"the keys are read (seed {seed}, after {typed} keys)")
            expect(os.path.exists(f"/proc/{tracer}"), f"it is gone (seed {seed}, after {typed} keys): "
                   f"{errors.read_text(errors='replace')[:3000]}\n{terminal.screen()}")
        terminal.run("resize-window", "-x", 120, "-y", 36)
        # Out of whatever is open; Esc leaves a line that is being typed.
        for _ in range(10):
            terminal.type("Escape")
            time.sleep(0.1)
        terminal.type("Q")
        terminal.shows(r"^status 0$", 30)
        terminal.is_a_shell_again()
    said = errors.read_text(errors="replace")
    expect("Sanitizer" not in said and "runtime error" not in said, f"seed {seed}: {said[:3000]}")
    expect(answers(port), "the server does not answer any more")
    t.note = f"seed {seed}, {resizes} sizes, {t.sanitized().parent.name}"


@live(node=[22])
def from_the_slow_route_to_the_line(t, node):
    """The whole story: which route is slow, which request, what it waited for, whose line that was."""
    server, port, _ = t.demo(node, seconds=60)
    path = t.folder / "story.ndjson"
    with contextlib.closing(Terminal(t, 120, 40)) as terminal:
        terminal.type(f"HOME={t.folder} XDG_CONFIG_HOME= {t.tracer_path} -p {server.pid}", "Enter")
        terminal.shows(r"GET .*/reports/forecast", 20)
        terminal.type("R")
        terminal.shows(r"GET /reports/forecast +[0-9]+ ", 10)
        terminal.shows(r"GET /products +[0-9]+ ", 10)
        # Which one keeps another waiting is chance, that some do is not.
        terminal.type("/GET /products$", "Enter")
        terminal.shows(r"^> GET /products ")
        terminal.shows(r"kept waiting since the start, for the loop or the pool, by")
        terminal.shows(r"[mun]s +worst +[0-9.]+[mun]?s +[0-9]+ times", 20)
        (t.folder / "routes.txt").write_text(terminal.screen())
        terminal.type("z", "C-u", "/", "C-u", "forecast", "Enter")
        terminal.shows(r"^> GET /reports/forecast ")
        terminal.type("Enter")
        terminal.shows(r"requests > GET /reports/forecast")
        terminal.shows(r"critical path")
        terminal.shows(r"j JavaScript of its own", 5)
        (t.folder / "request.txt").write_text(terminal.screen())
        # The line of code is where the operation of the path was started.
        terminal.type("Tab")
        terminal.shows(r"Enter: go there")
        terminal.shows(r"[a-z]+\.js:[0-9]+")
        terminal.type("x")
        terminal.shows("export to: ")
        terminal.type("C-u", str(path), "Enter")
        terminal.shows(r"1 request written to")
        terminal.type("Q")
        terminal.is_a_shell_again()
    urls = [json.loads(line)["url"] for line in path.read_text().splitlines() if '"url"' in line]
    expect(urls == ["/reports/forecast"], f"exported: {urls}")
    expect(answers(port), "the server does not answer any more")


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
