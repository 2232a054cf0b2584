#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""streamscore.py TRACE: closure truth of a trace of any length, read as it is written (TRACE may be a fifo).

The same judgement as offscore.py, in memory that grows with the requests and not with the operations: every
operation that names a request (rid-<n>) must hang on the request with ?rid=<n>. Prints one JSON object: requests,
named, right, wrong, none, early (operations of requests that are not in the trace, as they began before it), the
operations by process and thread, the first wrong ones, the first of no request, and the summary of the tracer."""
import collections
import json
import re
import sys

OP = re.compile(r"rid[-=](\d+)")
REQUEST = re.compile(r"[?&]rid=(\d+)")
MAX_WRONG = 50


class Score:
    def __init__(self):
        self.count = collections.Counter()
        self.seen = set()
        self.unowned = collections.Counter()  # rid: operations of no request
        self.threads = collections.defaultdict(collections.Counter)
        self.flags = collections.Counter()
        self.wrong = []
        self.lost = []  # of no request
        self.summary = {}
        self.twice = 0

    def request(self, line):
        match = REQUEST.search(line["url"])
        own = match.group(1) if match else None
        thread = self.threads[f"{line.get('pid')}/{line.get('tid')}"]
        self.count["requests"] += 1
        thread["requests"] += 1
        self.flags.update(line.get("flags", []))
        if own:
            self.twice += own in self.seen
            self.seen.add(own)
        for op in line["ops"]:
            named = OP.search(op["detail"])
            if not named:
                continue
            word = "right" if named.group(1) == own else "wrong"
            self.count[word] += 1
            thread[word] += 1
            if word == "wrong" and len(self.wrong) < MAX_WRONG:
                self.wrong.append([line["url"], op["type"], op["detail"], op["evidence"], line.get("flags")])

    def none(self, line):
        for op in line["ops"]:
            named = OP.search(op["detail"])
            if not named:
                continue
            self.unowned[named.group(1)] += 1
            if len(self.lost) < MAX_WRONG:
                self.lost.append([named.group(1), op["type"], op["detail"], op["evidence"], op.get("wrap")])

    def take(self, text):
        line = json.loads(text)
        kind = line.get("k")
        if kind == "req":
            self.request(line)
        elif kind == "none":
            self.none(line)
        elif kind == "summary":
            self.summary = line

    def result(self):
        none = sum(n for rid, n in self.unowned.items() if rid in self.seen)
        return {**{key: self.count[key] for key in ("requests", "right", "wrong")}, "none": none, "twice": self.twice,
                "named": self.count["right"] + self.count["wrong"] + none, "rids": len(self.seen),
                "early": sum(self.unowned.values()) - none, "threads": self.threads, "flags": self.flags,
                "wrong_ones": self.wrong, "none_ones": [one for one in self.lost if one[0] in self.seen], "summary": self.summary}


def main():
    score = Score()
    with open(sys.argv[1], errors="replace") as trace:
        for text in trace:
            score.take(text)
    print(json.dumps(score.result()))


if __name__ == "__main__":
    main()
