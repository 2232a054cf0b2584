# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""What comes and goes on a WebSocket stands at the request that it began with."""
from harness import MAJORS, ROOT, answers, expect, free_ports, json_lines, live, read_ndjson, requests_of, summary_of, wait_until

APP = ROOT / "tests/apps/websocket"
QUICK = [20, 24]
REST = [major for major in MAJORS if major not in QUICK]
KINDS = ["text", "binary", "pings", "pongs", "closes"]


def lines_of(child):
    return {line["url"]: line for line in json_lines(child.out())}


def check_out(got, side):
    """What was sent is what the client got."""
    expect({kind: side[kind] for kind in KINDS} == {kind: got[kind] for kind in KINDS}, f"sent {side}, got {got}")
    expect(side["messages"] == side["text"] + side["binary"], f"the messages of {side}")
    expect("at_least" not in side, f"not followed: {side}")


def check_in(truth, got, side):
    """What came is what the server was given, and its bytes."""
    lost = got["at_least"]
    expect(side.get("at_least", False) == lost, f"{side}: {got}")
    closes = 0 if lost else 1
    expect({kind: side[kind] for kind in KINDS} == {**{kind: truth["in"][kind] for kind in KINDS}, "closes": closes},
           f"came {side}, was {truth}")


def check(truth, got, request):
    expect(request["status"] == 101 and request["method"] == "GET" and "upgraded" in request["flags"], f"{request}")
    expect("websocket" in request, f"no WebSocket: {request}")
    sides = request["websocket"]
    check_in(truth, got, sides["in"])
    check_out(got, sides["out"])
    expect(sides["in"]["bytes"] == truth["in"]["bytes"], f"bytes that came: {sides['in']}, {truth}")
    expect(sides["out"]["bytes"] == truth["bytes_out"], f"bytes that were sent: {sides['out']}, {truth}")
    compressed = got["url"].startswith("/deflate")
    for side in sides.values():
        expect(side.get("deflated", False) == compressed, f"compressed: {side} of {got}")


@live(node=QUICK)
@live(node=REST, full=True)
def messages_of_websockets(t, node):
    """By ws: plain and TLS, compressed, fragmented, masked, in bursts; by hand: byte by byte, and wrong."""
    module = t.oracle / "apps/d08-realtime/node_modules/ws"
    ports = free_ports()
    server = t.node(node, APP / "server.js", module, *ports, port=ports[0])
    wait_until(lambda: answers(ports[1]), 15, "the TLS server answers")
    trace = t.folder / "trace.ndjson"
    tracer = t.tracer(server.pid, "--no-stacks", "--show-query", "--format", "ndjson", "-o", trace)
    client = t.node(node, APP / "client.js", module, *ports)
    expect(client.wait(60) == 0, f"the client failed: {client.err()[-500:]}")
    got = lines_of(client)
    wait_until(lambda: len(lines_of(server)) == len(got), 10, "the server has closed all connections")
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    lines = read_ndjson(trace)
    expect(summary_of(lines)["lost"] == 0, "events were lost")
    requests = {request["url"]: request for request in requests_of(lines)}
    truth = lines_of(server)
    expect(set(requests) == set(got) == set(truth), f"{sorted(requests)}, {sorted(got)}")
    for url, line in got.items():
        check(truth[url], line, requests[url])
    sides = [side for request in requests.values() for side in request["websocket"].values()]
    t.note = f"{len(got)} connections, {sum(side['messages'] for side in sides)} messages, " \
        f"{sum(side['bytes'] for side in sides)} bytes"
