# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""The formats, read by those for whom they are meant; recordings that replay to the same."""
import json
import re
import subprocess

from harness import MAJORS, PATIENCE, expect, live, read_ndjson, requests_of, sentences, summary_of

FLAMEGRAPH = "/usr/share/perl5/Devel/NYTProf/flamegraph.pl"  # the original, in Debian's libdevel-nytprof-perl
OP_KEYS = {"id", "parent", "type", "detail", "start_ns", "end_ns", "evidence", "runs"}
REQUEST_KEYS = {"k", "id", "pid", "tid", "method", "url", "status", "start_ns", "end_ns", "ops", "flags"}


@live(metric=["wall", "cpu", "total", "count"], node=[22])
def folded_is_read_by_flamegraph(t, metric, node):
    server, _, _ = t.demo(node, flags=["--perf-basic-prof"])
    path = t.folder / "out.folded"
    status, _, err = t.run_tracer("-p", server.pid, "-c", "150", f"--folded={metric}", "-o", path)
    expect(status == 0, f"ended with {status}: {err}")
    lines = path.read_text().splitlines()
    expect(lines, "no line")
    bad = [line for line in lines if not re.fullmatch(r"[^;]+(;[^;]+)* \d+", line)]
    expect(not bad, f"{len(bad)} lines are not folded stacks: {bad[:3]}")
    # A last frame that ends in a number would be read as a difference of two profiles.
    bad = [line for line in lines if re.search(r"\s\d+ \d+$", line)]
    expect(not bad, f"{len(bad)} lines look like differential ones: {bad[:3]}")
    told = re.search(r"sum to (\d+)", err)
    expect(told, f"the sum is not told: {err}")
    total = sum(int(line.rsplit(" ", 1)[1]) for line in lines)
    expect(total == int(told.group(1)), f"the values sum to {total}, told was {told.group(1)}")
    run = subprocess.run(["perl", FLAMEGRAPH, "--countname=us", path], capture_output=True, text=True,
                         timeout=60 * PATIENCE)
    expect(run.returncode == 0 and "<svg" in run.stdout, f"flamegraph.pl: {run.stderr[:300]}")
    expect("Ignored" not in run.stderr, f"flamegraph.pl: {run.stderr[:300]}")
    drawn = re.search(r"<title>all \(([\d,]+) us, 100%\)", run.stdout)
    expect(drawn, "flamegraph.pl drew no root")
    drawn = int(drawn.group(1).replace(",", ""))
    expect(drawn == total, f"flamegraph.pl drew {drawn}, the values sum to {total}")
    t.note = f"{len(lines)} stacks, sum {total}"


@live(node=MAJORS)
def ndjson_keeps_its_contract(t, node):
    server, _, _ = t.demo(node)
    lines = t.capture(server, 100)
    kinds = [line["k"] for line in lines]
    expect(kinds[0] == "meta" and lines[0]["version"] == 1, f"the first line is not the header: {lines[0]}")
    expect(set(kinds[1:-1]) <= {"req", "none", "route", "blame", "turn", "turns"}, f"unknown lines: {set(kinds[1:-1])}")
    summary = summary_of(lines)
    for key in ("events", "lost", "unattributed"):
        expect(isinstance(summary.get(key), int), f"summary without {key}: {summary}")
    for request in requests_of(lines):
        expect(REQUEST_KEYS <= set(request), f"missing keys: {REQUEST_KEYS - set(request)}")
        expect(request["pid"] == server.pid, "another pid")
        expect(0 < request["start_ns"] <= request["end_ns"], f"times: {request['start_ns']} {request['end_ns']}")
        seen = set()
        for op in request["ops"]:
            expect(OP_KEYS <= set(op), f"missing keys: {OP_KEYS - set(op)} in {op}")
            expect(op["parent"] is None or op["parent"] in seen, f"the parent does not stand before its child: {op}")
            expect(op["end_ns"] is None and "open" in op["flags"] or op["start_ns"] <= op["end_ns"],
                   f"it ends before it starts: {op}")
            seen.add(op["id"])
            expect(all(a <= b for a, b in op["runs"]), f"a run ends before it starts: {op}")


@live(node=[22])
def text_is_one_line_a_request(t, node):
    server, _, _ = t.demo(node)
    status, out, err = t.run_tracer("-p", server.pid, "-c", "80")
    expect(status == 0, f"ended with {status}: {err}")
    lines = [line for line in out.splitlines() if not line.startswith("#")]
    expect(len(lines) == 80, f"{len(lines)} lines")
    for line in lines:
        expect(re.search(r"\b(GET|POST)\b.* /", line) or re.search(r"\? +\? +\[partial", line), f"no request: {line}")
    expect("\033" not in out, "colours without a terminal")


def comparable(lines):
    """{id: request as text}."""
    return {r["id"]: json.dumps(r, sort_keys=True) for r in requests_of(lines)}


@live(node=MAJORS)
def a_recording_replays_to_the_same(t, node):
    """--record-events keeps all that the engine saw."""
    server, _, _ = t.demo(node)
    recording = t.folder / "events.ntr"
    lines = t.capture_until(server, "-d", "2s", "--record-events", recording)
    expect(recording.stat().st_mode & 0o777 == 0o600, "others can read the recording")
    path = t.folder / "replay.ndjson"
    status, _, err = t.run_tracer("--replay", recording, "--format", "ndjson", "-o", path)
    expect(status == 0, f"the replay ended with {status}: {err}")
    told, again = comparable(lines), comparable(read_ndjson(path))
    different = sorted(number for number in set(told) | set(again) if told.get(number) != again.get(number))
    expect(told and not different, f"{len(told)} requests live, {len(again)} replayed, different: {different[:10]}")
    t.note = f"{len(told)} requests, {recording.stat().st_size // 1024} KiB"


@live(node=[22])
def a_recording_that_finds_no_room(t, node):
    """The requests are shown to the end, and the exit status tells that the recording is not whole."""
    server, _, _ = t.demo(node)
    status, out, err = t.run_tracer("-p", server.pid, "-c", "50", "--format", "text", "--record-events=/dev/full")
    expect(status == 1 and "the recording ends here" in err, f"ended with {status}: {err}")
    expect("GET /" in out, f"no requests: {out[-300:]}")


@live(node=[22])
def progress_goes_to_stderr(t, node):
    """What is piped on is the output and nothing else."""
    server, _, _ = t.demo(node)
    status, out, err = t.run_tracer("-p", server.pid, "-d", "1s", "--format", "ndjson")
    expect(status == 0, f"ended with {status}: {err}")
    for line in out.splitlines():
        json.loads(line)
    expect(sentences(err), "no word on stderr")
