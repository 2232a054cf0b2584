#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""idscore.py [--thread TID] IDS TRUTH_DIR [--json]: every async id that the tracer read, against async_hooks.

IDS is what dump_ids prints of a recording; TRUTH_DIR holds the events-*.jsonl of an oracle with ORACLE_MODE=hooks
ORACLE_EVENTS=1. Judged on the main thread, as each thread counts for itself; with --thread on the one of that number,
whose events-*.jsonl is the only one in TRUTH_DIR, until that ends (a worker that is terminated writes no last ones):
  init        a resource is born: its id has this type, and was made by this executing id
  scope       a callback runs: its id was made with this trigger
  executing   any event: executionAsyncId and triggerAsyncId belong together, and that resource was running then
  timer       the id of a timer that was inserted: a Timeout
  stack       timers and immediates read from the stack: they are such, or ticks, and have this trigger
  owner       the id of whoever owns a job, a connection, a message …: a resource that exists by then
  unseen      native resources that were born while we looked, and no event told (against all that were born)
Exits 1 when anything is wrong."""
import argparse
import bisect
import collections
import json
import pathlib
import re
import sys

OWNERS = {"work_submit", "stream_write", "stream_read", "connect", "spawn"}
ON_STACK = {"Timeout", "Immediate", "TickObject"}  # ticks look alike; the engine drops what was born since the phase began
JAVASCRIPT = {"Timeout", "Immediate", "TickObject", "PROMISE", "Microtask", "ORACLE_REQUEST"}
NATIVE = re.compile(r"^[A-Z0-9]+$")  # AsyncWrap's providers; what JavaScript makes has small letters
MAX_SHOWN = 20
SLACK_NS = 20_000_000  # the hook runs before or after what the probe sees, and the thread may have to wait in between

Resource = collections.namedtuple("Resource", "type trigger execution born")


class Truth:
    """What async_hooks said in the main thread of one process."""

    def __init__(self, lines):
        self.resources = {}
        self.spans = collections.defaultdict(list)  # id: [start, end] of its callbacks
        self.first = self.last = 0
        for line in lines:
            kind, number = line[0], line[1]
            if kind == "i":
                self.resources[number] = Resource(line[2], line[3], line[4], line[5])
            elif kind == "b":
                self.spans[number].append([line[2], 0])
            elif kind == "a" and self.spans[number]:
                self.spans[number][-1][1] = line[2]
            self.last = time_of(line)

    def ran(self, number, ts):
        """Whether a callback of it was running then; also when its end was never told, as after an exception."""
        spans = self.spans.get(number, [])
        at = bisect.bisect_right(spans, [ts + SLACK_NS])
        return any(start - SLACK_NS <= ts and (not end or ts <= end + SLACK_NS) for start, end in spans[max(0, at - 50):at])


class Score:
    def __init__(self, truth):
        self.truth = truth
        self.right = collections.Counter()
        self.wrong = collections.Counter()
        self.examples = []
        self.born = set()

    def judge(self, what, ok, event, expected):
        if ok:
            self.right[what] += 1
            return
        self.wrong[what] += 1
        if len(self.examples) < MAX_SHOWN:
            self.examples.append([what, {key: value for key, value in event.items() if value and key != "ts"}, expected])

    def init(self, event):
        known = self.truth.resources.get(event["counter"])
        self.born.add(event["counter"])
        self.judge("init", known and (known.type, known.execution) == (event["type"], event["exec"]), event, known)

    def scope(self, event):
        known = self.truth.resources.get(event["b"])
        if event["b"] and known:  # 0 is node's own, and those born before the hooks came are not in the truth
            self.judge("scope", known.trigger == event["c"], event, known)

    def executing(self, event):
        known = self.truth.resources.get(event["exec"])
        if known:
            # what handles a rejection executes as the promise, without a callback of it
            ran = known.type == "PROMISE" or self.truth.ran(event["exec"], event["ts"])
            ok = known.trigger == event["trigger"] and ran
            self.judge("executing", ok, event, known)

    def timer(self, event):
        known = self.truth.resources.get(event["a"])
        if event["a"]:
            self.judge("timer", known and known.type == "Timeout", event, known)

    def stack(self, event):
        for number, trigger in event["candidates"]:
            known = self.truth.resources.get(number)
            ok = known and known.type in ON_STACK and known.trigger == trigger
            self.judge("stack", ok, event, known)

    def owner(self, event):
        known = self.truth.resources.get(event["c"])
        if event["c"]:
            self.judge("owner", known and known.type not in JAVASCRIPT, event, known)

    def take(self, event):
        kind = event["kind"]
        if kind == "init":
            self.init(event)
        elif kind == "scope_open":
            self.scope(event)
        elif kind == "timer_now":
            self.timer(event)
        elif kind in OWNERS:
            self.owner(event)
        self.stack(event)
        self.executing(event)

    def unseen(self, start, end):
        """Native resources born between the first and the last event: all, and by type those not told."""
        natives = {number: known.type for number, known in self.truth.resources.items()
                   if start + SLACK_NS < known.born < end - SLACK_NS and NATIVE.match(known.type)
                   and known.type not in JAVASCRIPT}
        return len(natives), collections.Counter(natives[number] for number in natives if number not in self.born)


def judge(events, lines):
    """The result of one recording; `events` as dump_ids prints them, `lines` of an events-*.jsonl."""
    truth = Truth(lines)
    score = Score(truth)
    events = list(events)
    for event in events:
        score.take(event)
    natives, missing = score.unseen(events[0]["ts"], events[-1]["ts"]) if events else (0, {})
    kinds = sorted(set(score.right) | set(score.wrong))
    return {"kinds": {kind: [score.right[kind], score.wrong[kind]] for kind in kinds}, "right": sum(score.right.values()),
            "wrong": sum(score.wrong.values()), "natives": natives, "unseen": dict(missing), "examples": score.examples}


def time_of(line):
    return line[5] if line[0] == "i" else line[2]


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ids", type=pathlib.Path)
    parser.add_argument("truth", type=pathlib.Path)
    parser.add_argument("--thread", type=int)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    events = read(given.ids)
    if not events:
        sys.exit("idscore: no events")
    found = sorted(given.truth.glob("events-*.jsonl" if given.thread is not None else "events-*-0.jsonl"))
    if len(found) != 1:
        sys.exit(f"idscore: {len(found)} truths of {'main threads' if given.thread is None else 'threads'} in {given.truth}")
    lines = read(found[0])
    tid = int(found[0].name.split("-")[1]) if given.thread is None else given.thread
    end = None if given.thread is None else max(map(time_of, lines), default=0)
    result = judge([event for event in events if event["tid"] == tid and (end is None or event["ts"] <= end)], lines)
    if given.json:
        print(json.dumps(result))
    else:
        for kind, (right, wrong) in result["kinds"].items():
            print(f"{kind:10} right {right:8} wrong {wrong:6}")
        print(f"of {result['natives']} native resources unseen: {result['unseen'] or 'none'}")
        for example in result["examples"]:
            print("wrong:", *example)
    return 1 if result["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
