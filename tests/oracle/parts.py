# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Several worker threads or processes, each judged by itself: async ids, and what operations have no name for, tell
of one thread only."""
import collections
import json
import re

RID = re.compile(r"[?&]rid=(\d+)")

Part = collections.namedtuple("Part", "tid path truth")  # a thread's trace, and the folder of its truth; tid None: all there is


def rids_of(requests):
    return {found.group(1) for found in (RID.search(request["url"]) for request in requests) if found}


def by_thread(lines):
    """{tid: lines} of a trace: its requests, and the operations of nobody that were begun there."""
    found = collections.defaultdict(list)
    for line in lines:
        if line.get("k") in ("req", "none"):
            found[line["tid"]].append(line)
    return found


def tracer_thread(rids, traced):
    """The thread, as the tracer numbers them, in which most of these requests were; 0 none of them."""
    best = max(traced, key=lambda tid: len(rids & traced[tid]), default=0)
    return best if best and rids & traced[best] else 0


def split(lines, folder):
    """A part for each thread that the oracle saw serve, also where the tracer saw nothing of it."""
    found, threads = [], by_thread(lines)
    traced = {tid: rids_of(line for line in here if line["k"] == "req") for tid, here in threads.items()}
    for file in sorted(folder.glob("truth-*.jsonl")):
        truth = [json.loads(line) for line in file.read_text().splitlines()]
        rids = rids_of(line for line in truth if line["k"] == "req")
        if not rids:
            continue
        tid = tracer_thread(rids, traced)
        part = Part(tid, folder / f"trace-{tid}.ndjson", folder / file.stem)
        part.truth.mkdir()
        for kind in ("truth", "events"):
            of = folder / file.name.replace("truth", kind, 1)
            if of.exists():
                (part.truth / of.name).symlink_to(of)
        part.path.write_text("".join(json.dumps(line) + "\n" for line in threads.get(tid, [])))
        found.append(part)
    return found


def f1_of(counts):
    right, extra, missing = counts
    return 2 * right / (2 * right + extra + missing) if right + extra + missing else 1.0


def added(counters):
    return dict(sum((collections.Counter(one) for one in counters), collections.Counter()))


def together_als(parts):
    """What was found of each, as one; `threads` has F1 where AsyncLocalStorage is right, and of how many, of each by itself."""
    counts = {name: [sum(part["counts"][name][i] for part in parts) for i in range(3)] for name in ("f1", "f1_right", "f1_proven")}
    faults = collections.defaultdict(collections.Counter)
    for part in parts:
        for name, each in part["faults"].items():
            faults[name].update(each)
    matched, requests = (sum(part["requests"][i] for part in parts) for i in range(2))
    right, proven = counts["f1_right"], counts["f1_proven"]
    return {"matched_pct": 100 * matched / requests if requests else 100.0, **{name: f1_of(each) for name, each in counts.items()},
            "compared": right[0] + right[2], "proven": proven[0] + proven[2],
            "left_out": sum(part["left_out"] for part in parts), "why_left_out": added(part["why_left_out"] for part in parts),
            "proved": added(part["proved"] for part in parts), "proofs": [sum(part["proofs"][i] for part in parts) for i in range(2)],
            "faults": {name: dict(each) for name, each in faults.items()},
            "start_us": parts[0]["start_us"] if parts else 0, "end_us": parts[0]["end_us"] if parts else 0,
            "threads": [[f1_of(part["counts"]["f1_right"]), part["counts"]["f1_right"][0] + part["counts"]["f1_right"][2]]
                        for part in parts]}


def together_ids(parts):
    kinds = collections.defaultdict(lambda: [0, 0])
    for part in parts:
        for kind, (right, wrong) in part["kinds"].items():
            kinds[kind] = [kinds[kind][0] + right, kinds[kind][1] + wrong]
    return {"kinds": dict(kinds), **{key: sum(part[key] for part in parts) for key in ("right", "wrong", "natives")},
            "unseen": added(part["unseen"] for part in parts), "examples": [one for part in parts for one in part["examples"]]}
