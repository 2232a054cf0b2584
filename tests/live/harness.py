# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""What the live tests share: registration, processes that are ended whatever happens, the tracer.

A test is a function test(t, **parameters) registered with @live. It fails by an exception, normally
from expect(). Everything it starts through `t` is ended by process id when it returns."""
import collections
import contextlib
import http.client
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRACING = "tracing pid"  # what the tracer says on stderr once its probes are in place
REGISTRY = []
GIVEN = set()  # ports
MAJORS = [16, 18, 20, 22, 24, 25, 26]
LONG = {16, 25, 26}  # only with --full
SOAK_MINUTES = 5     # run.py --minutes
PATIENCE = 4         # times what a test waits at most: a busy machine is no fault, and waiting ends when it can
ANSWERED = 60 * PATIENCE  # seconds for an answer of a server, or a part of one
IDLE = "setInterval(() => {}, 1e9); setTimeout(() => require('fs').writeSync(1, 'up'), 1)"
SETTLED = 5          # seconds that a traced process is given to come to rest: under load it may never


class Failure(Exception):
    """A promise of the tracer that was not kept."""


class Wrong(Failure):
    """What the tracer told was not true: never a matter of luck, so such a test has no second chance."""


def expect(condition, message, failure=Failure):
    if not condition:
        raise failure(message)


def expect_truth(condition, message):
    expect(condition, message, Wrong)


def live(full=False, **parameters):
    """Registers a test once for each combination of the parameters, as name/value/value."""
    def register(function):
        for values in itertools.product(*parameters.values()):
            arguments = dict(zip(parameters, values))
            words = [function.__name__] + [label(*pair) for pair in arguments.items()]
            long = full or arguments.get("node") in LONG
            REGISTRY.append(("/".join(words), long, function, arguments))
        return function
    return register


def label(key, value):
    return f"node{value}" if key == "node" else str(value)


def ephemeral_from():
    """The first port that the kernel gives to whoever connects without asking for one."""
    return int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])


def free_port():
    return free_ports(1)[0]


def free_ports(n=2):
    """So many that stand side by side, as the demo wants two: none that a connection can take, or that was given before."""
    for _ in range(500):
        port = random.randrange(10240, max(ephemeral_from(), 20000) - n)
        ports = tuple(range(port, port + n))
        if GIVEN.intersection(ports):
            continue
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            for port in ports:
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            GIVEN.update(ports)
            return ports
    raise Failure(f"no {n} free ports side by side")


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds * PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {seconds * PATIENCE} s")
        time.sleep(0.02)


def rests(pid):
    """Whether all threads of the process wait. One that was preempted behind its answer, or stopped, does not."""
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(OSError):
            if path.read_text().rsplit(")", 1)[1].split()[0] in "RDTt":
                return False
    return True


def settle(pids):
    """Returns when the processes have done what they were asked for, as all wait; or after a while."""
    end = time.monotonic() + SETTLED
    while not all(rests(pid) for pid in [*pids, *pids]) and time.monotonic() < end:  # two looks: one thread wakes another
        time.sleep(0.02)


def answers(port):
    """A port that nobody listens at can be given to the very socket that asks for it: that is no answer."""
    try:
        with socket.create_connection(("127.0.0.1", port), 0.2) as s:
            return s.getsockname() != s.getpeername()
    except OSError:
        return False


def connect(port, timeout=ANSWERED):
    return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)


def ask(port, path, timeout=ANSWERED):
    """Status and body of one request on a connection of its own."""
    connection = connect(port, timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def get(port, path, timeout=ANSWERED, *, times=1):
    """Status of the last of so many requests."""
    for _ in range(times):
        status, _ = ask(port, path, timeout)
    return status


def json_lines(text):
    """What a program has said, a line each; it may be writing the last one."""
    return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]


def read_ndjson(path):
    lines = []
    for n, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        try:
            lines.append(json.loads(line))
        except ValueError as error:
            raise Failure(f"{path}:{n} is not JSON: {error}") from error
    return lines


def requests_of(lines):
    """The requests of a trace. In every one each nanosecond has one label."""
    requests = [line for line in lines if line.get("k") == "req"]
    for request in requests:
        check_labels(request)
    return requests


def check_labels(request):
    duration, at = request["end_ns"] - request["start_ns"], request["start_ns"]
    labels = sum(request["labels"].values())
    expect(labels == duration, f"labels sum to {labels} ns of {duration}: {request['url']}")
    for start, end, *_ in request["path"]:
        expect(start == at and end > start, f"the path has a gap or an overlap at {at}: {request['url']}")
        at = end
    expect(at == request["end_ns"], f"the path ends at {at}: {request['url']}")


def summary_of(lines):
    expect(lines and lines[-1].get("k") == "summary", "the last line is not the summary")
    return lines[-1]


def touched_stacks(path, touched):
    """{what the first group of `touched` finds in an operation's detail: the operation's stack}."""
    stacks = {}
    for line in read_ndjson(path):
        for op in line.get("ops", ()) if line["k"] in ("req", "none") else ():
            match = touched.search(op["detail"] or "")
            if match:
                stacks[match.group(1)] = op["stack"]
    return stacks


class Process:
    """A child with its output in files."""

    def __init__(self, name, command, folder, output=None, **options):
        """`output`: where its standard output goes, instead of a file of its name."""
        self.name = name
        self.targets = ()  # processes that come to rest before this one is stopped
        self.command = [str(word) for word in command]
        self.out_path = output or folder / f"{name}.out"
        self.err_path = folder / f"{name}.err"
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, **options)
        self.pid = self.child.pid

    def out(self):
        return self.out_path.read_text(errors="replace")

    def err(self):
        return self.err_path.read_text(errors="replace")

    def alive(self):
        return self.child.poll() is None

    def wait(self, seconds):
        try:
            return self.child.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end within {seconds * PATIENCE} s: {' '.join(self.command)}") from None

    def stop(self, signal_number=signal.SIGINT, seconds=20):
        """Sends the signal and returns the exit status. A tracer is stopped when it has seen what was asked for: a client
        can have the answer before the server returns from writing it."""
        if signal_number != signal.SIGKILL:
            settle(self.targets)
        if self.alive():
            self.child.send_signal(signal_number)
        return self.wait(seconds)

    def end(self):
        if self.alive():
            self.child.terminate()
            try:
                self.child.wait(3 * PATIENCE)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


class Test:
    """What one running test has: its folder, its children, the programs under test."""

    def __init__(self, name, build, nodes, tracer=None):
        self.name = name
        self.build = build
        self.nodes = nodes
        self.tracer_path = tracer or build / "ntrace-bpf"
        self.oracle = build / "oracle"
        self.folder = build / "live" / name.replace("/", "-").replace(" ", "-")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.sockets = None
        self.children = []
        self.counts = collections.Counter()
        self.note = ""  # what the test measured, shown beside its name

    def start(self, name, command, **options):
        self.counts[name] += 1
        if self.counts[name] > 1:
            name = f"{name}{self.counts[name]}"
        child = Process(name, command, self.folder, **options)
        self.children.append(child)
        return child

    def end(self):
        for child in reversed(self.children):
            child.end()
            with contextlib.suppress(OSError):
                os.unlink(f"/tmp/perf-{child.pid}.map")
        if self.sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def socket(self, name):
        """Where a unix socket can be: its path may have 107 bytes, of which the test's folder can take too many."""
        self.sockets = self.sockets or pathlib.Path(tempfile.mkdtemp(prefix="ntrace-"))
        return self.sockets / name

    def node(self, node, *words, port=None, **options):
        """A node process; with a port, one that answers there."""
        options.setdefault("cwd", self.folder)  # --perf-basic-prof leaves a log in its current folder
        child = self.start("node", [self.nodes[node], *words], **options)
        if port:
            wait_until(lambda: answers(port) or not child.alive(), 15, f"node {' '.join(map(str, words))} answers")
            expect(child.alive(), f"node ended at once: {child.err()[-500:]}")
        return child

    def idle_node(self, node):
        """One whose loop runs, and has nothing to do."""
        child = self.node(node, "-e", IDLE)
        self.idles(child)
        return child

    @staticmethod
    def idles(child):
        """Returns when such a one is there."""
        wait_until(lambda: child.out() == "up" or not child.alive(), 15, "node runs")
        expect(child.alive(), f"node ended at once: {child.err()[-500:]}")
        settle([child.pid])

    def sanitized(self):
        """The tracer with sanitizers, where that build stands beside this one; else the tracer."""
        path = self.build.with_name(self.build.name + "-asan") / "ntrace-bpf"
        return path if path.exists() else self.tracer_path

    def demo(self, node=22, flags=(), seconds=0, rate=50):
        """The demo server under load, normally until the end of the test: the server, its port, the load."""
        server, port, upstream = self.demo_server(node, flags)
        return server, port, self.demo_load(node, port, upstream, seconds * PATIENCE, rate)

    def demo_server(self, node, flags=()):
        port, upstream = free_ports()
        return self.node(node, *flags, ROOT / "demo/server.js", port, upstream, port=port), port, upstream

    def demo_load(self, node, port, upstream, seconds, rate):
        """Its load, for so many seconds, 0 until it is ended."""
        return self.start("load", [self.nodes[node], ROOT / "demo/load.js", port, upstream, seconds, rate])

    def tracer(self, pid, *words, attached=True, prefix=(), **options):
        """The tracer on a process; returns when its probes are in place."""
        child = self.start("tracer", [*prefix, self.tracer_path, "-p", pid, *words], **options)
        child.targets = str(pid).split(",")
        if attached:
            self.attached(child)
        return child

    @staticmethod
    def attached(tracer):
        """Returns when its probes are in place."""
        wait_until(lambda: TRACING in tracer.err() or not tracer.alive(), 30, "the tracer attaches")
        expect(TRACING in tracer.err(), f"the tracer ended with {tracer.child.returncode}: {tracer.err()[-500:]}")

    def run_tracer(self, *words, prefix=(), seconds=30, **options):
        """The tracer from start to end: its exit status, stdout and stderr."""
        child = self.start("tracer", [*prefix, self.tracer_path, *words], **options)
        status = child.wait(seconds)
        return status, child.out(), child.err()

    def capture(self, server, requests, *words):
        """A capture of so many requests that must end well: the lines of its ndjson output."""
        return self.capture_until(server, "-c", requests, *words)

    def capture_until(self, server, *words):
        path = self.folder / f"capture{self.counts['tracer']}.ndjson"
        child = self.tracer(server.pid, "--format", "ndjson", "-o", path, *words)
        status = child.wait(60)
        expect(status == 0, f"the tracer ended with {status}: {child.err()[-500:]}")
        return read_ndjson(path)

    def app_load(self, app, node, port, requests=300, concurrency=16):
        """The application's own load, from start to end: {rid: status}."""
        return self.app_loads(app, node, [port], requests, concurrency)

    def app_loads(self, app, node, ports, requests=300, concurrency=16):
        """The same to several ports at a time, each with as many requests and numbers of its own."""
        loads = []
        for i, port in enumerate(ports):
            path = self.folder / f"statuses{i}.json"
            words = ["load.cjs", port, requests, concurrency, 1, path, "-", i * requests]
            loads.append((self.start("load", [self.nodes[node], *words], cwd=app), path))
        statuses = {}
        for load, path in loads:
            status = load.wait(240)
            expect(status == 0, f"the load failed: {load.out()} {load.err()[-300:]}")
            statuses |= {int(rid): code for rid, code in json.loads(path.read_text()).items()}
        return statuses


def app_main(app):
    return json.loads((app / "package.json").read_text())["main"]


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def sentences(text):
    """What was said on stderr, without empty lines."""
    return [line for line in text.splitlines() if line.strip()]


def bpf_objects(pid):
    """Ids of the programs and links that a process holds."""
    ids = set()
    for entry in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir():
        with contextlib.suppress(OSError):
            for kind, number in re.findall(r"^(prog_id|link_id):\s*(\d+)$", entry.read_text(), re.M):
                ids.add((kind, int(number)))
    return ids


def bpftool(*words):
    """What it says, as JSON."""
    tool = shutil.which("bpftool", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    run = subprocess.run([tool, "-j", *map(str, words)], capture_output=True, text=True, check=True, timeout=20 * PATIENCE)
    return json.loads(run.stdout or "[]")


def bpf_map(pid, name):
    """The entries of a map that the process holds."""
    for entry in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir():
        found = re.search(r"^map_id:\s*(\d+)$", entry.read_text(), re.M)
        if found and bpftool("map", "show", "id", found.group(1)).get("name") == name:
            return bpftool("map", "dump", "id", found.group(1))
    raise Failure(f"process {pid} has no map {name}")


def kernel_bpf_objects():
    """Ids of all programs and links that the kernel has, as bpftool lists them."""
    ids = set()
    for kind, word in (("prog_id", "prog"), ("link_id", "link")):
        ids |= {(kind, entry["id"]) for entry in bpftool(word, "list")}
    return ids


def patched_text(pid, binary):
    """How many bytes of the executable's code differ in memory from the file: breakpoints."""
    differing = 0
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory, \
            open(binary, "rb") as file:
        for line in maps:
            span, rights, offset, _, inode, *name = line.split()
            if "x" not in rights or inode == "0" or not name or os.path.basename(name[0]) != "node":
                continue
            start, end = (int(word, 16) for word in span.split("-"))
            memory.seek(start)
            file.seek(int(offset, 16))
            inside, outside = memory.read(end - start), file.read(end - start)
            inside = inside[:len(outside)]
            if inside != outside:
                differing += sum(a != b for a, b in zip(inside, outside))
    return differing


