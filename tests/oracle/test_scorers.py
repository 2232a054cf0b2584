# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""The scorers find what they are for: each test hands them a trace with one known fault."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import idscore  # noqa: E402
import streamscore  # noqa: E402

MS = 1_000_000
TRUTH = [["i", 10, "FSREQCALLBACK", 5, 7, 10 * MS, None], ["i", 11, "Timeout", 7, 7, 20 * MS, None],
         ["i", 12, "TCPWRAP", 7, 7, 50 * MS, None], ["b", 10, 30 * MS], ["a", 10, 40 * MS], ["i", 13, "TickObject", 0, 0, 200 * MS, None]]


def event(kind, ts, **fields):
    return {"kind": kind, "ts": ts * MS, "tid": 1, "exec": 0, "trigger": 0, "counter": 0, "a": 0, "b": 0, "c": 0,
            "candidates": [], **fields}


def ids(*events):
    return idscore.judge(events, TRUTH)


class Ids(unittest.TestCase):
    def test_right_ones_are_right(self):
        result = ids(event("init", 10, counter=10, type="FSREQCALLBACK", exec=7), event("timer_now", 20, a=11),
                     event("scope_open", 30, b=10, c=5), event("work_submit", 35, c=10, exec=10, trigger=5),
                     event("tick_boundary", 36, candidates=[[11, 7]]))
        self.assertEqual(result["wrong"], 0, result["examples"])
        self.assertEqual({kind: right for kind, (right, _) in result["kinds"].items()},
                         {"init": 1, "timer": 1, "scope": 1, "owner": 1, "executing": 1, "stack": 1})

    def test_each_fault_is_found(self):
        for kind, wrong in [("init", event("init", 10, counter=10, type="FSREQCALLBACK", exec=8)),
                            ("init", event("init", 10, counter=10, type="TCPWRAP", exec=7)),
                            ("init", event("init", 10, counter=99, type="TCPWRAP", exec=7)),
                            ("scope", event("scope_open", 30, b=10, c=6)),
                            ("executing", event("read", 35, exec=10, trigger=6)),
                            ("executing", event("read", 90, exec=10, trigger=5)),
                            ("timer", event("timer_now", 20, a=10)), ("owner", event("connect", 30, c=11)),
                            ("stack", event("tick_boundary", 30, candidates=[[11, 5]])),
                            ("stack", event("tick_boundary", 30, candidates=[[10, 5]]))]:
            with self.subTest(event=wrong):
                self.assertEqual(ids(wrong)["kinds"][kind], [0, 1])

    def test_unseen_natives_are_counted(self):
        result = ids(event("read", -100), event("read", 199))
        self.assertEqual((result["natives"], result["unseen"]), (2, {"FSREQCALLBACK": 1, "TCPWRAP": 1}))


def request(rid, *details):
    ops = [{"type": "fs.stat", "detail": detail, "evidence": "exact:token", "start_ns": 5, "end_ns": 6} for detail in details]
    return {"k": "req", "method": "GET", "url": f"/?rid={rid}", "pid": 1, "tid": 1, "status": 200, "start_ns": rid * 100,
            "end_ns": rid * 100 + 50, "ops": ops}


class Streams(unittest.TestCase):
    def score(self, *lines):
        score = streamscore.Score()
        for line in lines:
            score.take(json.dumps(line))
        return score.result()

    def test_right_wrong_and_none(self):
        none = {"k": "none", "ops": [{"type": "fs.stat", "detail": "/rid-2.x", "evidence": "unknown"}]}
        early = {"k": "none", "ops": [{"type": "fs.stat", "detail": "/rid-9.x", "evidence": "unknown"}]}
        result = self.score(none, early, request(1, "/rid-1.a", "/rid-1.b", "/rid-2.c", "/else"), request(2))
        self.assertEqual([result[key] for key in ("right", "wrong", "none", "early", "named")], [2, 1, 1, 1, 4])
        self.assertEqual(result["wrong_ones"][0][2], "/rid-2.c")

    def test_same_request_twice(self):
        self.assertEqual(self.score(request(1), request(1))["twice"], 1)

    def test_agrees_with_offscore(self):
        lines = [request(1, "/rid-1.a", "/rid-2.b"), request(2, "/rid-2.a"),
                 {"k": "none", "ops": [{"type": "fs.stat", "detail": "/rid-1.x", "evidence": "none"}]}]
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.write("\n".join(map(json.dumps, lines)))
            file.flush()
            run = subprocess.run([sys.executable, HERE / "offscore.py", "--json", file.name], capture_output=True, text=True,
                                 check=True)
        other, mine = json.loads(run.stdout), self.score(*lines)
        self.assertEqual({key: mine[key] for key in ("named", "right", "wrong", "none")},
                         {key: other[key] for key in ("named", "right", "wrong", "none")})


class AgainstAls(unittest.TestCase):
    """score.py --als-right: what ALS has wrong is left out on both sides, and nothing else."""

    def f1(self, ops, traced, shared=()):
        """`ops`: owner, rid, detail, start, and what else the oracle says of it."""
        truth = [{"k": "meta", "pid": 1, "tid": 0}]
        for rid in (1, 2):
            truth.append({"k": "req", "id": str(rid), "rid": str(rid), "method": "GET", "url": f"/?rid={rid}", "status": 200,
                          "start_ns": rid * 100, "end_ns": rid * 100 + 50, "close_ns": rid * 100 + 60})
        truth += [{"k": "op", "req": owner, "rid": rid, "type": "fs.stat", "detail": detail, "start_ns": start, "end_ns": 0, **more}
                  for owner, rid, detail, start, more in ops]
        truth += [{"k": "shared", "via": via} for via in shared]
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "truth-1-0.jsonl").write_text("\n".join(map(json.dumps, truth)))
            trace = pathlib.Path(folder, "trace.jsonl")
            trace.write_text("\n".join(map(json.dumps, traced)))
            run = subprocess.run([sys.executable, HERE / "score.py", "--json", "--als-right", trace, folder],
                                 capture_output=True, text=True, check=True)
        overall = json.loads(run.stdout)["overall"]
        return [overall[key] for key in ("tp", "fp", "fn")]

    def test_a_misled_als_is_not_held_against_the_tracer(self):
        ops = [("1", "1", "/rid-1.a", 110, {}), ("1", "2", "/rid-2.a", 110, {})]
        self.assertEqual(self.f1(ops, [request(1, "/rid-1.a"), request(2, "/rid-2.a")]), [1, 0, 0])

    def test_a_wrong_one_is(self):
        self.assertEqual(self.f1([("1", "1", "/rid-1.a", 110, {})], [request(1), request(2, "/rid-1.a")]), [0, 1, 1])

    def test_a_missing_one_is(self):
        ops = [("1", None, "/shared", 110, {}), ("1", "1", "/rid-1.a", 110, {})]
        self.assertEqual(self.f1(ops, [request(1, "/rid-1.a"), request(2)]), [1, 0, 1])

    def test_what_a_shared_connection_does_is_left_out(self):
        ops = [("1", None, "/shared", 5, {"via": 3})]
        self.assertEqual(self.f1(ops, [request(1), request(2)], shared=[3]), [0, 0, 0])
        self.assertEqual(self.f1(ops, [request(1), request(2, "/shared")], shared=[3]), [0, 0, 0])  # its begin tells it
        far = [("1", None, "/shared", 500 * MS, {"via": 3})]
        self.assertEqual(self.f1(far, [request(1), request(2, "/shared")], shared=[3]), [0, 1, 0])

    def test_what_a_connection_of_one_request_does_is_not(self):
        ops = [("1", None, "/shared", 5, {"via": 3}), ("1", "1", "/rid-1.a", 5, {"via": 3})]
        self.assertEqual(self.f1(ops, [request(1), request(2)], shared=[4]), [0, 0, 2])

    def test_one_that_names_another_request_tells_of_its_connection(self):
        ops = [("1", "2", "/rid-2.a", 5, {"via": 3}), ("1", None, "/shared", 5, {"via": 3})]
        self.assertEqual(self.f1(ops, [request(1), request(2)]), [0, 0, 0])

    def test_what_another_request_claims_is_left_out(self):
        self.assertEqual(self.f1([("1", None, "/asked", 5, {"of": "2"})], [request(1), request(2, "/asked")]), [0, 0, 0])

    def test_each_is_told_by_its_order(self):
        # the same operation twice, the first left out: the tracer's second is the other request's
        ops = [("1", None, "/same", 5, {"of": "2"}), ("1", None, "/same", 5 * MS, {})]
        second = request(2, "/same")
        second["ops"][0]["start_ns"] = 5 * MS
        self.assertEqual(self.f1(ops, [request(1, "/same"), second]), [0, 1, 1])
        self.assertEqual(self.f1(ops, [request(2, "/same"), second | {"url": "/?rid=1"}]), [1, 0, 0])

    def test_those_of_one_id_are_each_other(self):
        ops = [("1", None, "/same", 5, {"aid": 7, "of": "2"}), ("1", None, "/same", 6, {"aid": 8})]
        first, second = request(1, "/same"), request(2, "/same")
        first["ops"][0].update(aid=8, start_ns=5)
        second["ops"][0].update(aid=7, start_ns=6)
        self.assertEqual(self.f1(ops, [first, second]), [1, 0, 0])

    def test_a_proof_decides(self):
        by = lambda rid: {"via": 3, "proof": {"req": rid, "by": "ws send"}}  # noqa: E731
        right = [("1", None, "/a", 5, by("1"))]
        self.assertEqual(self.f1(right, [request(1), request(2)], shared=[3]), [0, 0, 1])
        self.assertEqual(self.f1([("1", None, "/a", 5, by("2"))], [request(1), request(2)]), [0, 0, 0])

    def test_one_name_for_all_is_right_by_chance(self):
        by = lambda rid: {"via": 3, "proof": {"req": rid, "by": "ws send"}}  # noqa: E731
        same = [("1", None, "/a", 5, by("1")), ("1", None, "/b", 6, by("2"))]
        self.assertEqual(self.f1(same, [request(1), request(2)]), [0, 0, 0])
        told = [("1", "1", "/rid-1.a", 5, by("1")), same[1]]  # but one that names its request is compared
        self.assertEqual(self.f1(told, [request(1), request(2)]), [0, 0, 1])
        both = [*same, ("2", None, "/c", 7, by("2"))]  # AsyncLocalStorage tells them apart: it is asked
        self.assertEqual(self.f1(both, [request(1), request(2)]), [0, 0, 2])

    def test_what_a_worker_began_counts_once(self):
        ops = [("1", None, "/a", 5, {"k": "begun", "b": 1}), ("1", None, "/a", 5, {"b": 1}), ("1", None, "/b", 6, {"k": "begun", "b": 2})]
        self.assertEqual(self.f1(ops, [request(1, "/a", "/b"), request(2)]), [2, 0, 0])
        self.assertEqual(self.f1(ops, [request(1, "/a"), request(2)]), [1, 0, 1])

    def test_immediates_that_were_cleared_are_left_out(self):
        cleared = {"type": "immediate", "incomplete": 1}
        ops = [("1", None, "", 5, cleared), ("1", None, "", 5, {"type": "immediate"})]
        self.assertEqual(self.f1(ops, [request(1), request(2)]), [0, 0, 1])


if __name__ == "__main__":
    unittest.main()
