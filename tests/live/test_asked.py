# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Requests to other servers hang on the async function that asked for them, and begin where it did."""
import json

from harness import MAJORS, ROOT, expect, expect_truth, free_ports, get, live, read_ndjson, requests_of, summary_of
from test_async_stacks import functions_above

APP = ROOT / "tests/apps/clients/asked.js"
QUICK = [20, 22, 24]
REST = [major for major in MAJORS if major not in QUICK]
FUNCTIONS = {"new": "answer/getPrice", "kept": "answer/getPrice", "name": "answer/getPrice", "begin": "answer/begin"}
TIMES = 10  # each kind


def traced(t, node, kinds):
    """The requests that asked, by kind and number; and what the server said."""
    port = free_ports()[0]
    server = t.node(node, APP, port, port=port)
    path = t.folder / "asked.ndjson"
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", path)
    for number in range(TIMES):
        for kind in kinds:
            expect(get(port, f"/{kind}/{number}") == 200, f"/{kind} was not answered")
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    lines = read_ndjson(path)
    expect(summary_of(lines)["lost"] == 0, "events were lost")
    requests = {tuple(request["url"].split("/")[1:]): request for request in requests_of(lines)
                if request["url"].count("/") == 2}
    expect(len(requests) == TIMES * len(kinds), f"requests of the trace: {sorted(requests)}")
    for request in requests.values():
        expect_truth(sum(request["labels"].values()) == request["end_ns"] - request["start_ns"],
                     f"labels of {request['url']} do not sum to its duration")
    return requests, [json.loads(line) for line in server.out().splitlines()]


@live(node=QUICK)
@live(node=REST, full=True)
def requests_hang_on_who_asked_for_them(t, node):
    requests, _ = traced(t, node, FUNCTIONS)
    right = 0
    for (kind, number), request in requests.items():
        by_id = {op["id"]: op for op in request["ops"]}
        asked = [op for op in request["ops"] if op["type"] == "http.client"]
        expect(len(asked) == 1, f"/{kind}/{number}: {len(asked)} requests to others")
        above = functions_above(asked[0], by_id)
        expect_truth(FUNCTIONS[kind].startswith(above), f"/{kind}/{number} hangs on {above}")
        right += above == FUNCTIONS[kind]
    t.note = f"{right} of {len(requests)} hang on the function that asked"
    expect(right >= 0.9 * len(requests), t.note)


def check_wait(call, request):
    """Is it told since when it waited for a connection? Then that is true."""
    second = [op for op in request["ops"] if op["type"] == "http.client" and op["detail"].endswith("/price")]
    expect(len(second) == 1, f"{call}: {[op['detail'] for op in request['ops']]}")
    operation = second[0]
    if "agent_ns" not in operation:
        return False
    times = [call["called"], operation["start_ns"], call["answered"], operation["agent_ns"], call["socket"]]
    expect_truth(times == sorted(times), f"{operation}: {call}")
    expect_truth(operation["agent_ns"] <= operation["written_ns"], f"{operation}: {call}")
    return True


@live(node=QUICK)
@live(node=REST, full=True)
def requests_wait_for_their_agent(t, node):
    """maxSockets: from http.get() to the connection that another request gave back."""
    requests, calls = traced(t, node, ["waits"])
    expect(len(calls) == TIMES, f"{len(calls)} calls")
    told = sum(check_wait(call, requests["waits", str(call["id"])]) for call in calls)
    t.note = f"{told} of {len(calls)} waits, all true"
    expect(told >= TIMES / 2, t.note)
