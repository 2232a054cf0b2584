# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Labels of the oracle's applications: they sum to the durations, and hardly any of the time is `unknown`."""
import collections
import contextlib
import json
import shutil
import sys

from harness import ROOT, expect, live, summary_of

sys.path.insert(0, str(ROOT / "tests/oracle"))
import cell as cells  # noqa: E402

MAX_UNKNOWN_PCT = 1.0
CROWD = 16  # connections; on one of its own, a request waits for nothing but what it asked for


def requests_in(path):
    """One by one: a hundred thousand are gigabytes."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith('{"k":"req"'):
                yield json.loads(line)


def labelled(path):
    """Sum of each label over all requests, and how many there are."""
    sums, n = collections.Counter(), 0
    for request in requests_in(path):
        duration = request["end_ns"] - request["start_ns"]
        expect(sum(request["labels"].values()) == duration, f"labels do not sum to {duration} ns: {request['url']}")
        sums.update(request["labels"])
        n += 1
    return sums, n


def unknown_pct(t, app, node, requests, connections):
    shutil.rmtree(t.folder / "tmp", ignore_errors=True)
    path, statuses = cells.trace(t, cells.Cell(app, node, "off", "", requests, connections, "one"))
    sums, n = labelled(path)
    expect(n >= len(statuses) >= requests, f"{n} requests of {len(statuses)}")
    return 100 * sums["unknown"] / sum(sums.values())


def judge(t, app, node):
    pcts = {connections: unknown_pct(t, app, node, requests, connections) for requests, connections in ((300, CROWD), (150, 1))}
    t.note = ", ".join(f"{pct:.3f} % unknown at {connections}" for connections, pct in pcts.items())
    expect(max(pcts.values()) < MAX_UNKNOWN_PCT, f"label `unknown`: {t.note}")


@live(app=["d07"], node=[22])
def little_time_is_unknown(t, app, node):
    """Worker threads do a part of some requests."""
    judge(t, app, node)


@live(app=[*cells.FOLDERS], node=[18, 20, 22, 24, 26], full=True)
def little_time_of_all_is_unknown(t, app, node):
    with cells.services(t.build) if app in cells.SERVICES else contextlib.nullcontext():
        judge(t, app, node)


@live(node=[24], full=True)
def labels_of_a_hundred_thousand_requests_sum(t, node):
    path, statuses = cells.trace(t, cells.Cell("d01", node, "off", "", 100_000, CROWD, "one"))
    sums, n = labelled(path)
    t.note = f"{n} requests, {100 * sums['unknown'] / sum(sums.values()):.4f} % unknown"
    path.unlink()  # a gigabyte
    expect(n >= len(statuses) >= 100_000, f"{n} requests of {len(statuses)}")
