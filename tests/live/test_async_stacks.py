# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Who waits for what runs: the async frames below a stack, as V8 itself gives them."""
import collections
import re

from harness import MAJORS, ROOT, expect, expect_truth, free_port, get, live, read_ndjson, requests_of, touched_stacks
from test_stacks import get_json

APP = ROOT / "tests/apps/async"
TOUCHED = re.compile(r"/async-(\S+)$")
MIN_RIGHT = 99.0  # per cent of the stacks, each with all of its async frames
MAX_FRAMES = 16   # the tracer follows no more
# How often everything ran before it is measured.
PHASES = [("cold", 0), ("hot", 400)]
# V8 does not follow who waits while a generator is closed from outside, for thenables before V8 14, and
# for Promise.allSettled() in V8 9: there it says nothing, and the trace has the rest.
BLIND = re.compile(r"(closing|thenable)-\d+$")
BLIND_OF = "Promise.allSettled"


def in_words(frames):
    """The async frames, each as V8 would print it. It has no name for functions whose name it infers."""
    words = []
    for frame in frames:
        if not frame.get("async"):
            continue
        name = frame["fn"] or "(anonymous)"
        column = frame.get("column", frame.get("col"))
        place = re.sub(r"^file://|\?load=\d+", "", f"{frame['file']}:{frame['line']}:{column}") if frame["file"] else ""
        words.append((name, place))
    return words[:MAX_FRAMES]


def same(truth, traced):
    """Names that V8's own list lacks are inferred ones in the trace."""
    return len(truth) == len(traced) and all(
        place == found and (name == other or name == "(anonymous)" and "." in other)
        for (name, place), (other, found) in zip(truth, traced))


def knows_more(key, traced):
    """V8 said nothing where it cannot, and the trace leads from there to the request."""
    return (traced and traced[-1][0] == "answer" and
            (bool(BLIND.match(key)) or traced[0][0].startswith(BLIND_OF)))


def traced_stacks(path):
    """{name in the touched path: async frames}."""
    return {name: in_words(stack) for name, stack in touched_stacks(path, TOUCHED).items()}


def measured(t, server, port, name, query=""):
    """What V8 said, and what the trace has."""
    path = t.folder / f"{name}.ndjson"
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", path)
    truths = get_json(port, f"/measure{query}")
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    return {truth["name"]: in_words(truth["frames"]) for truth in truths}, traced_stacks(path)


def compare(t, name, truths, stacks):
    expect(len(truths) > 150, f"only {len(truths)} stacks were taken")
    expect(sum(map(bool, truths.values())) > 120, "V8 saw too few that wait")
    missing = sorted(truths.keys() - stacks.keys())
    expect(not missing, f"{name}: {len(missing)} of {len(truths)} stacks are not in the trace: {missing[:10]}")
    seen = {key: truth for key, truth in truths.items() if truth or not knows_more(key, stacks[key])}
    wrong = [f"{key}: {truth} found {stacks[key]}" for key, truth in seen.items() if not same(truth, stacks[key])]
    with open(t.folder / "problems", "a") as file:
        file.write("".join(f"{name} {problem}\n" for problem in wrong))
    frames = collections.Counter(len(truth) for truth in truths.values())
    right = 100 * (1 - len(wrong) / len(seen))
    t.note += (f"{name}: {right:.1f} % of {len(seen)} stacks, "
               f"{sum(length * n for length, n in frames.items())} frames; ")
    expect(right >= MIN_RIGHT, f"{name}: {right:.1f} %: {wrong[:3]}")


@live(node=MAJORS)
def async_frames_are_those_of_v8(t, node):
    port = free_port()
    server = t.node(node, APP / "app.js", port, port=port)
    for name, times in PHASES:
        if times:
            get_json(port, f"/run?times={times}")
        compare(t, name, *measured(t, server, port, name, "?errors=1"))


@live(node=MAJORS)
def async_frames_need_no_error_in_the_application(t, node):
    """What V8 says in one process is what the trace has of another, that never makes an Error."""
    port = free_port()
    server = t.node(node, APP / "app.js", port, port=port)
    truths, _ = measured(t, server, port, "truth", "?errors=1")
    server.stop()
    port = free_port()
    server = t.node(node, APP / "app.js", port, port=port)
    for name, times in PHASES:
        if times:
            get_json(port, f"/run?times={times}")
        compare(t, name, truths, measured(t, server, port, name)[1])


# Where else the same must hold: program and flags before the port.
WAYS = {
    "worker": [APP / "worker.js"],
    "hooks": ["-r", APP / "hooks.js", APP / "app.js"],
    "collections": ["--gc-interval=300", "--max-semi-space-size=1", APP / "app.js"],
    "compaction": ["--compact-on-every-full-gc", "--gc-interval=500", APP / "app.js"],
    "baseline": ["--always-sparkplug", APP / "app.js"],
    "jitless": ["--jitless", APP / "app.js"],
}


@live(full=True, node=[20, 22, 24, 26], way=WAYS)
def async_frames_are_those_of_v8_everywhere(t, node, way):
    port = free_port()
    server = t.node(node, *WAYS[way], port, port=port)
    compare(t, way, *measured(t, server, port, way, "?errors=1"))


def functions_above(op, by_id):
    """Names of the async functions that an operation hangs on, outermost first, as a path."""
    names = []
    while op["parent"] is not None:
        op = by_id[op["parent"]]
        if op["type"] == "await":
            expect(op["flags"] == ["function"] and op["end_ns"], f"a function that is none: {op}")
            names.insert(0, op["detail"].removesuffix("()"))
    return "/".join(names)


@live(node=MAJORS)
def operations_hang_on_the_async_functions_that_started_them(t, node):
    port = free_port()
    server = t.node(node, APP / "tree.js", port, port=port)
    path = t.folder / "tree.ndjson"
    for _ in range(3):
        get(port, "/")
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", path)
    for _ in range(20):
        get(port, "/")
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    requests = requests_of(read_ndjson(path))
    expect(len(requests) == 20, f"{len(requests)} requests")
    for request in requests:
        by_id = {op["id"]: op for op in request["ops"]}
        touched = [op for op in request["ops"] if op["type"] == "fs.access"]
        wrong = [(op["detail"], functions_above(op, by_id)) for op in touched
                 if op["detail"] != "/nonexistent/" + functions_above(op, by_id)]
        expect_truth(not wrong, f"wrong places: {wrong}")
        expect(len(touched) == 21, f"{len(touched)} files were touched")
        # two calls one after the other, and one at the same time as late()
        loads = [op for op in request["ops"] if op["detail"] == "load()"]
        expect(len(loads) == 4, f"load() stands {len(loads)} times")
        expect(request["ops_total"] == sum(op["type"] != "await" for op in request["ops"]), "functions are no operations")
    t.note = f"{sum(len(request['ops']) for request in requests)} nodes in {len(requests)} requests"
