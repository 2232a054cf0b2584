# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""What comes on a connection that served a request: one request each when it is one, and none when it is not."""
import socket
import struct

from harness import ANSWERED, MAJORS, expect, live, read_ndjson, summary_of, wait_until
from test_heads import ask, finish, impatience, start

QUICK = [20, 24]
REST = [major for major in MAJORS if major not in QUICK]
HOST = b" HTTP/1.1\r\nHost: case\r\n"
PLAIN = b"GET /plain" + HOST + b"\r\n"
EARLY = b"POST /early" + HOST
CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n"

ENDS = {"reset": lambda s: s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)),
        "end": lambda s: s.shutdown(socket.SHUT_WR), "wait": lambda s: None, "late": lambda s: None}

CASES = [  # first request, what follows its answer, how it ends, what stands in the trace beside the first
    (PLAIN, b"BAD\0\r\n\r\n", "wait", (None, "?", 400)),
    (PLAIN, b"PUT /bad" + HOST + b"Bad Header\r\n\r\n", "wait", ("PUT", "/bad", 400)),
    (PLAIN, b"DELETE /half" + HOST + b"x", "end", ("DELETE", "/half", 400)),
    (PLAIN, b"", "end", None),
    (PLAIN, b"", "reset", None),
    (EARLY + b"Content-Length: 5\r\n\r\nwhole", b"BAD\0\r\n\r\n", "wait", (None, "?", 400)),
    (EARLY + b"Content-Length: 5\r\n\r\nwhole", b"", "end", None),
    (EARLY + b"Content-Length: 99\r\n\r\nhalf", b"", "end", None),
    (EARLY + CHUNKS + b"5\r\nwhole\r\n0\r\n\r\n", b"BAD\0\r\n\r\n", "wait", (None, "?", 400)),
    (EARLY + CHUNKS + b"5\r\nfirst\r\n", b"ZZZ\r\n", "wait", None),
    (EARLY + CHUNKS + b"5\r\nfirst\r\n", b"5\r\nha", "end", None),
    (PLAIN, b"GET /late" + HOST, "late", ("GET", "/late", 408)),  # from here on the server is impatient
    (EARLY + b"Content-Length: 99\r\n\r\nhalf", b"", "late", None),
]


def talk(port, first, second, how):
    """Returns when the server has closed the connection."""
    with socket.create_connection(("127.0.0.1", port), ANSWERED) as s:
        s.sendall(first)
        answer = b""
        while b"\r\n\r\n" not in answer or not answer.endswith((b"plain", b"early")):
            part = s.recv(65536)
            expect(part, f"no answer to {first}: {answer}")
            answer += part
        s.sendall(second)
        ENDS[how](s)
        if how == "reset":
            return
        while s.recv(65536):
            pass


def before_18(first, second, how, wanted):
    """Then node hung up on whom it had served, without a word, and waited for ever."""
    return first, second, how, (*wanted[:2], None) if wanted and wanted[1] != "?" else None


@live(node=QUICK)
@live(node=REST, full=True)
def refusals_after_an_answer(t, node):
    port, server, tracer, trace = start(t, node)
    cases = CASES if node > 16 else [before_18(*case) for case in CASES if case[2] != "late"]
    for i, (first, second, how, _) in enumerate(cases):
        if how == "late" and cases[i - 1][2] != "late":
            impatience(server)
        talk(port, first, second, how)
    wait_until(lambda: server.err().count("opened") == server.err().count("closed"), 10, "all connections are closed")
    requests, _ = finish(t, server, tracer, trace)
    served = [request for request in requests if request["status"] == 200 and not request["flags"]]
    expect(len(served) == len(cases), f"{len(served)} answers of {len(cases)}")
    others = [(request["method"], request["url"], request["status"]) for request in requests
              if "unparsed" in request["flags"]]
    wanted = [wanted for *_, wanted in cases if wanted]
    expect(others == wanted and len(requests) == len(served) + len(others), f"{others}, and not {wanted}")
    t.note = f"{len(cases)} connections, {len(others)} refused requests"


@live(node=QUICK)
@live(node=REST, full=True)
def writes_of_many_buffers(t, node):
    """All their bytes count; beyond a bound they do not, which is told, and is no reason to call them aborted."""
    port, server, tracer, trace = start(t, node)
    for n in (40000, 140000):
        expect(ask(port, f"/pieces/{n}") == (200, b"x" * n), "the pieces did not come back")
    wait_until(lambda: server.err().count("opened") == server.err().count("closed"), 10, "all connections are closed")
    requests, _ = finish(t, server, tracer, trace)
    small, large = requests
    expect(small["flags"] == [] and 40000 < small["bytes_out"] < 40500, f"{small['flags']}, {small['bytes_out']} bytes")
    expect(large["flags"] == ["end-approximate"] and large["bytes_out"] < 140000, f"{large['flags']} {large['bytes_out']}")
    expect(summary_of(read_ndjson(trace))["stacks"].get("writes_cut") == 1, "the cut write is not counted")
    t.note = f"{small['bytes_out']} bytes of {large['bytes_out']} and more"
