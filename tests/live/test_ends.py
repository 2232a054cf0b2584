# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Requests of an application that speaks several protocols, against what the process itself knew of them."""
import json
import re
import sys

from harness import MAJORS, ROOT, expect, live, read_ndjson, requests_of, summary_of

sys.path.insert(0, str(ROOT / "tests/oracle"))
import cell as cells  # noqa: E402

RID = re.compile(r"[?&]rid=(\d+)")
QUICK = 22
REST = [major for major in MAJORS if major != QUICK]


def truth_of(folder):
    """What the process wrote of its requests, by number."""
    lines = [json.loads(line) for path in folder.glob("truth-*.jsonl") for line in path.read_text().splitlines()]
    return {int(RID.search(line["url"]).group(1)): line for line in lines if line["k"] == "req" and RID.search(line["url"])}


def check(truth, status, request, lag_ns):
    """How much later than 'finish' it ends, ns."""
    got = {name: request[name] for name in ("method", "url", "status")}
    expect(got == {"method": truth["method"], "url": truth["url"], "status": status}, f"{got} was {truth}, {status}")
    late = request["end_ns"] - truth["end_ns"]
    expect(late <= lag_ns, f"{got} ends {late / 1e6:.3f} ms after 'finish'; the loop's lag is {lag_ns / 1e6:.3f} ms")
    return late


@live(app=["d08"], node=[QUICK])
@live(app=["d08"], node=REST, full=True)
def requests_end_when_they_are_written(t, app, node):
    """Upgrades, events sent by the server and long polls."""
    path, statuses = cells.trace(t, cells.Cell(app, node, "als", "", 200, 16, "one"))
    lines = read_ndjson(path)
    summary = summary_of(lines)
    expect(summary["lost"] == 0, f"{summary['lost']} events were lost")
    traced = {int(RID.search(request["url"]).group(1)): request for request in requests_of(lines) if RID.search(request["url"])}
    truth = truth_of(t.folder)
    expect(set(truth) == set(statuses), f"the process knows {len(truth)} requests, the client {len(statuses)}")
    expect(set(truth) <= set(traced), f"missing {set(truth) - set(traced)}")
    late = sorted(check(truth[rid], statuses[rid], traced[rid], summary["loop_lag_ns"]) / 1e6 for rid in truth)
    upgraded = [request for request in traced.values() if "websocket" in request]
    expect(len(upgraded) == list(statuses.values()).count(101), f"{len(upgraded)} WebSockets")
    for request in upgraded:  # three messages, each answered, beside what all are told
        side = request["websocket"]
        expect(side["in"]["text"] == 3 and side["in"]["closes"] == 1 and side["out"]["text"] >= 3, f"{request['url']}: {side}")
    t.note = f"{len(truth)} requests, ends {-late[len(late) // 2]:.2f} ms before 'finish', the latest {late[-1]:+.2f} ms; " \
        f"{len(upgraded)} WebSockets"
