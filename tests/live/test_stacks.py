# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""JavaScript frames without any flag of the target: names and lines as V8 itself gives them."""
import collections
import difflib
import json
import re
import urllib.parse
import urllib.request

from harness import (ANSWERED, MAJORS, ROOT, Failure, expect, expect_truth, free_port, get, live, read_ndjson, requests_of,
                     summary_of, touched_stacks)

APP = ROOT / "tests/apps/stacks"
FRAMEWORKS = ["d02-express4/node_modules/express", "d03-fastify/node_modules/fastify"]
FASTIFY_SINCE = 18  # the oldest node that runs it
TOUCHED = re.compile(r"/stack-(\d+)$")
# Per cent of the frames of the application's own code; none may be wrong with nothing that says so.
MIN_RIGHT = {16: 98.0, 18: 99.5, 20: 99.5, 22: 99.5, 24: 99.5, 25: 98.0, 26: 98.0}
PHASE_LESS = 1.0  # in one phase: code that was given up may hold a frame or two without a line for as long as it lasts
MIN_RIGHT_MOVING = 50.0
ATTEMPTS = 3  # a collection before the tracer has looked leaves frames without names, which is no mistake
# How often everything ran before it is measured: interpreted, baseline, optimised code.
PHASES = [("cold", 0), ("warm", 30), ("hot", 600)]


class Figures:
    """Frames of the application, as V8 told them against as the trace has them."""

    def __init__(self):
        self.counts = collections.Counter()
        self.problems = []

    def note(self, kind, what):
        self.counts[kind] += 1
        self.problems.append(f"{kind}: {what}")

    def percent(self, kind):
        return 100 * self.counts[kind] / max(1, self.counts["frames"])

    def __str__(self):
        counts = self.counts
        return (f"{counts['stacks']} stacks, {counts['frames']} frames: names {self.percent('name'):.1f} %, "
                f"lines {self.percent('line'):.1f} %, columns {self.percent('column'):.1f} %, {counts['wrong name']} + {counts['wrong line']} wrong, {counts['missing']} + {counts['no line']} unknown")


def get_json(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=ANSWERED) as answer:
        return json.load(answer)


def frameworks(t, node):
    """Folders of the frameworks that the application runs middleware in."""
    names = FRAMEWORKS if node >= FASTIFY_SINCE else FRAMEWORKS[:1]
    return [t.oracle / "apps" / name for name in names]


def own_path(file):
    """The path of a file of the application and of what it depends on, or None."""
    if file and file.startswith("file://"):
        file = urllib.parse.unquote(urllib.parse.urlsplit(file).path)
    return file if file and (file.startswith(str(APP)) or "/node_modules/" in file) else None


def own_truth(frames):
    return [frame for frame in frames if own_path(frame["file"]) and not frame["async"]]


def own_trace(frames):
    return [frame for frame in frames if own_path(frame["file"]) and not frame.get("async")]


def same_name(truth, traced):
    """V8's own list has no name for functions whose name it infers from where they were assigned."""
    if truth["fn"]:
        return truth["fn"] == traced["fn"]
    return traced["fn"] == "(anonymous)" or "." in traced["fn"]


def same_function(truth, traced):
    return same_name(truth, traced) and own_path(truth["file"]) == traced["file"]


def aligned(truths, traced):
    """Pairs of frames; a frame that is missing in the trace stands with None."""
    if len(truths) == len(traced):
        return list(zip(truths, traced))
    a = [(own_path(f["file"]), f["fn"] or "") for f in truths]
    b = [(f["file"], "" if f["fn"] == "(anonymous)" else f["fn"]) for f in traced]
    pairs = {i: None for i in range(len(a))}
    for block in difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks():
        pairs.update({block.a + n: traced[block.b + n] for n in range(block.size)})
    return [(truths[i], found) for i, found in pairs.items()]


def compare(truth, traced, figures):
    own = own_trace(traced)
    wanted = own_truth(truth["frames"])
    figures.counts["stacks"] += 1
    if len(own) > len(wanted):
        figures.note("too many frames", f"{[f['fn'] for f in wanted]} as {[f['fn'] for f in own]}")
    for n, (expected, found) in enumerate(aligned(wanted, own)):
        what = f"#{truth['id']} {expected['fn']} {expected['file']}:{expected['line']}:{expected['column']}, found {found}"
        figures.counts["frames"] += 1
        if not found or not same_function(expected, found):
            figures.note("wrong name" if found else "missing", what)
            continue
        figures.counts["name"] += 1
        if found["line"] == expected["line"]:
            figures.counts["line"] += 1
            # The first is where the file was touched: another call on the same line.
            figures.counts["column"] += n == 0 or found.get("col") == expected["column"]
            if n and found.get("col") != expected["column"]:
                figures.problems.append(f"other column: {what}")
        else:
            figures.note("wrong line" if found["line"] else "no line", what)


def traced_stacks(path):
    """{number in the touched path: frames}."""
    return {int(number): stack for number, stack in touched_stacks(path, TOUCHED).items()}


def measure(t, server, port, name, figures, query=""):
    """Runs everything once with the tracer attached, and compares: what the tracer said on stderr."""
    path = t.folder / f"{name}.ndjson"
    tracer = t.tracer(server.pid, "-v", "--format", "ndjson", "-o", path)
    truths = get_json(port, f"/measure{query}")
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    stacks = traced_stacks(path)
    expect(len(truths) > 100, f"only {len(truths)} stacks were taken")
    missing = [truth["id"] for truth in truths if not stacks.get(truth["id"])]
    expect(not missing, f"{name}: {len(missing)} of {len(truths)} stacks are not in the trace: {missing[:10]}")
    for truth in truths:
        compare(truth, stacks[truth["id"]], figures)
    with open(t.folder / "problems", "a") as file:
        file.write("".join(f"{name}: {problem}\n" for problem in figures.problems))
    return tracer.err()


def expect_honest(name, figures):
    """What is said is right; what is not known may be missing."""
    wrong = sum(figures.counts[kind] for kind in ("wrong line", "wrong name", "too many frames"))
    expect_truth(not wrong, f"{name}: {figures}; {figures.problems[:5]}")


def measure_right(t, server, port, name, least, query=""):
    """Measures until so many per cent are right; never may anything be wrong. What the tracer said, and the figures."""
    for n in range(ATTEMPTS):
        figures = Figures()
        said = measure(t, server, port, f"{name}{n or ''}", figures, query)
        expect_honest(name, figures)
        if min(figures.percent("name"), figures.percent("line")) >= least:
            t.note += f"{name}: {figures}; "
            return said, figures
    raise Failure(f"{name}: {figures}; {figures.problems[:5]}")


@live(node=MAJORS)
def javascript_frames_are_those_of_v8(t, node):
    port = free_port()
    server = t.node(node, APP / "app.js", port, *frameworks(t, node), port=port)
    all_phases = Figures()
    for name, times in PHASES:
        if times:
            get_json(port, f"/run?times={times}")
        _, figures = measure_right(t, server, port, name, MIN_RIGHT[node] - PHASE_LESS)
        all_phases.counts += figures.counts
    least = min(all_phases.percent("name"), all_phases.percent("line"))
    expect(least >= MIN_RIGHT[node], f"all phases: {all_phases}")


@live(node=[20, 24])
def javascript_frames_of_workers_are_those_of_v8(t, node):
    port = free_port()
    server = t.node(node, APP / "app.js", port, *frameworks(t, node), port=port)
    get_json(port, "/run?times=30&worker=1")
    measure_right(t, server, port, "worker", MIN_RIGHT[node], "?worker=1")


@live(way=["collecting", "compacting"], node=[20, 24])
def javascript_frames_survive_collections(t, way, node):
    """Collections all the time, in the main thread and in a worker. With compaction, functions and code have
    often moved before they are looked at, more often than in any real process: then they may be unknown, but
    none may get another's name."""
    port = free_port()
    flags = ["--compact-on-every-full-gc"] if way == "compacting" else []
    server = t.node(node, "--expose-gc", *flags, APP / "app.js", port, *frameworks(t, node), port=port)
    for query in ["", "?worker=1"]:
        measure_right(t, server, port, f"{way}{query[1:]}", MIN_RIGHT_MOVING, query)
        get_json(port, f"/run{query or '?'}&times=3")


@live(node=MAJORS)
def heap_and_perf_map_agree(t, node):
    port = free_port()
    server = t.node(node, "--perf-basic-prof", APP / "app.js", port, *frameworks(t, node), port=port)
    get_json(port, "/run?times=30")
    said, _ = measure_right(t, server, port, "both", MIN_RIGHT[node])
    told = re.search(r"(\d+) of (\d+) names differ from the perf map", said)
    expect(told, f"it is not told: {said[-300:]}")
    differ, compared = (int(word) for word in told.groups())
    expect(compared > 300, f"only {compared} frames have both names")
    # The perf map has the name of the class for what initialises its members.
    expect(differ * 100 <= compared, f"{differ} of {compared} names differ")
    t.note += f"{differ} of {compared} names differ"


DEEP_SERVER = """
const fs = require('fs');
function deep(n, then) {
	if (n > 1) deep(n - 1, then);
	else fs.stat(__filename, then);
}
require('http').createServer((request, response) => deep(Number(request.url.slice(1)), () => response.end()))
	.listen(Number(process.argv[2]), '127.0.0.1');
"""


@live(node=[18, 24])
def what_a_stack_lacks_is_marked(t, node):
    """All frames, or as many as are kept and a mark behind them; the summary counts the marks."""
    port = free_port()
    script = t.folder / "deep.js"
    script.write_text(DEEP_SERVER)
    server = t.node(node, script, port, port=port)
    path = t.folder / "deep.ndjson"
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", path)
    depths = [1, 40, 120, 400]
    for depth in depths * ATTEMPTS:
        expect(get(port, f"/{depth}") == 200, "no answer")
    expect(tracer.stop() == 0, tracer.err()[-300:])
    lines = read_ndjson(path)
    stacks = [(int(request["url"][1:]), op["stack"]) for request in requests_of(lines) for op in request["ops"]
              if op["type"] == "fs.stat"]
    expect(sorted(depth for depth, _ in stacks) == sorted(depths * ATTEMPTS), f"stacks of {sorted(stacks)}")
    most = collections.Counter()
    for depth, stack in stacks:
        marks = [i for i, frame in enumerate(stack) if frame.get("cut")]
        expect(marks == ([] if depth <= 40 else [len(stack) - 1]), f"of {depth} frames: marks at {marks}")
        expect(not marks or stack[-1]["fn"] == "(truncated)", f"the mark is {stack[-1]}")
        most[depth] = max(most[depth], sum(frame["fn"] == "deep" for frame in stack))
    expect((most[1], most[40]) == (1, 40) and all(60 < most[depth] < 96 for depth in (120, 400)), f"frames: {most}")
    cut = summary_of(lines)["stacks"].get("cut")
    expect(cut == 2 * ATTEMPTS, f"the summary says {summary_of(lines)['stacks']}")
    expect(f"{cut} stacks cut" in tracer.err(), f"it says: {tracer.err()}")
