# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""The perf map of --perf-basic-prof beside V8's heap: where both know a frame they say the same."""
import json
import pathlib
import re
import urllib.request

from harness import ANSWERED, MAJORS, ROOT, answers, expect, free_port, live, read_ndjson, requests_of, wait_until

APP = ROOT / "tests/apps/stacks/app.js"
# Node and the application where nothing of the real /tmp is seen.
ISOLATED = ("mount -t tmpfs none /mnt && mkdir /mnt/bin /mnt/app && mount --bind \"$1\" /mnt/bin && mount --bind \"$2\" /mnt/app && "
            "mount -t tmpfs none /tmp && exec /mnt/bin/node --perf-basic-prof /mnt/app/app.js \"$3\"")
NAMED = re.compile(r"(\d+) of (\d+) names differ from the perf map's")
ENTRIES = re.compile(r"the perf map has (\d+) entries")


def get_json(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=ANSWERED) as answer:
        return json.load(answer)


def lines_of(path):
    return pathlib.Path(path).read_bytes().count(b"\n")


def numbers(pattern, text):
    match = pattern.search(text)
    expect(match, f"the tracer does not say '{pattern.pattern}': {text[-500:]}")
    return [int(word) for word in match.groups()]


@live(node=MAJORS)
def perf_map_and_heap_agree(t, node):
    """Cold, warm and hot code; most of it is compiled after the tracer attached, so the map grows."""
    port = free_port()
    server = t.node(node, "--perf-basic-prof", APP, port, port=port)
    before = lines_of(f"/tmp/perf-{server.pid}.map")
    tracer = t.tracer(server.pid, "-v", "--format", "ndjson", "-o", t.folder / "trace.ndjson")
    for times in 0, 30, 300:
        if times:
            get_json(port, f"/run?times={times}")
        get_json(port, "/measure")
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    after = lines_of(f"/tmp/perf-{server.pid}.map")
    differing, compared = numbers(NAMED, tracer.err())
    [entries] = numbers(ENTRIES, tracer.err())
    t.note = f"{compared} frames compared, {differing} differ; the map grew from {before} lines to {after}, {entries} in use"
    expect(compared > 1000, f"only {compared} frames were in both")
    expect(differing == 0, f"{differing} of {compared} frames differ")
    expect(after > before + 100, f"the map did not grow: {before}, {after}")
    # Code that replaced other code takes its place.
    expect(before < entries <= after and entries > after - 200, f"{entries} entries of {after} lines, {before} at the start")


@live(node=[20, 24])
def perf_map_is_found_in_other_namespaces(t, node):
    """Another pid, another root, as in a container: the map is where the process itself has it."""
    port = free_port()
    shell = t.start("unshare", ["unshare", "--pid", "--mount", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
                                ISOLATED, "sh", pathlib.Path(t.nodes[node]).parent, APP.parent, port], cwd=t.folder)
    wait_until(lambda: answers(port) or not shell.alive(), 15, "node answers")
    expect(shell.alive(), f"unshare ended: {shell.err()[-500:]}")
    pid = int(pathlib.Path(f"/proc/{shell.pid}/task/{shell.pid}/children").read_text().split()[0])
    maps = list(pathlib.Path(f"/proc/{pid}/root/tmp").glob("perf-*.map"))
    expect([path.name for path in maps] == ["perf-1.map"], f"the map is not where it should be: {maps}")
    path = t.folder / "trace.ndjson"
    tracer = t.tracer(pid, "-v", "--format", "ndjson", "-o", path)
    get_json(port, "/measure")
    expect(tracer.stop() == 0, f"the tracer failed: {tracer.err()[-500:]}")
    differing, compared = numbers(NAMED, tracer.err())
    expect(compared > 100 and not differing, f"{differing} of {compared} frames differ")
    files = {frame["file"] for request in requests_of(read_ndjson(path)) for op in request["ops"] for frame in op["stack"]}
    expect(any(file and file == "/mnt/app/plain.js" for file in files), f"files of the frames: {files}")
