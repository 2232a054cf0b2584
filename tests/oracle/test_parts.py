# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Threads and processes are judged each by itself, and nothing of them is lost on the way."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import parts  # noqa: E402

MS = 1_000_000


def op(detail, aid, start):
    return {"type": "zlib", "detail": detail, "aid": aid, "start_ns": start, "end_ns": start + 1}


def request(rid, tid, *ops):
    return {"k": "req", "method": "GET", "url": f"/?rid={rid}", "pid": 1, "tid": tid, "status": 200, "start_ns": rid * 100,
            "end_ns": rid * 100 + 50, "ops": list(ops)}


def truth(thread, rid, *ops):
    """What the oracle writes of one thread: the request, and its operations (async id, begin)."""
    return [{"k": "meta", "pid": 1, "tid": thread},
            {"k": "req", "id": f"1-{thread}-1", "rid": str(rid), "method": "GET", "url": f"/?rid={rid}", "status": 200,
             "start_ns": rid * 100, "end_ns": rid * 100 + 50, "close_ns": rid * 100 + 60},
            *({"k": "op", "req": f"1-{thread}-1", "type": "zlib", "detail": "Zlib", "aid": aid, "start_ns": start, "end_ns": 0}
              for aid, start in ops)]


class Parts(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)

    def tearDown(self):
        self.scratch.cleanup()

    def split(self, lines, **truths):
        for name, of in truths.items():
            (self.folder / f"{name.replace('_', '-')}.jsonl").write_text("\n".join(map(json.dumps, of)))
        return parts.split(lines, self.folder)

    def f1(self, part):
        run = subprocess.run([sys.executable, HERE / "score.py", "--json", "--als-right", part.path, part.truth],
                             capture_output=True, text=True, check=True)
        overall = json.loads(run.stdout)["overall"]
        return [overall[key] for key in ("tp", "fp", "fn")]

    def test_the_same_ids_in_two_threads_are_two_operations(self):
        lines = [request(1, 71, op("Zlib", 9, 105)), request(2, 72, op("Zlib", 9, 205))]
        here = {"truth_1_1": truth(1, 1, (9, 105)), "truth_1_2": truth(2, 2, (9, 205))}
        found = self.split(lines, **here)
        self.assertEqual([part.tid for part in found], [71, 72])
        self.assertEqual([self.f1(part) for part in found], [[1, 0, 0], [1, 0, 0]])

    def test_one_in_another_threads_request_is_missing_and_too_much(self):
        lines = [request(1, 71), request(2, 72, op("Zlib", 8, 105), op("Zlib", 9, 205))]
        found = self.split(lines, truth_1_1=truth(1, 1, (8, 105)), truth_1_2=truth(2, 2, (9, 205)))
        self.assertEqual([self.f1(part) for part in found], [[0, 0, 1], [1, 1, 0]])

    def test_what_is_nobodys_is_of_its_thread(self):
        nobody = [{"k": "none", "tid": tid, "ops": [op("Zlib", 5, 105)]} for tid in (71, 73)]
        found = self.split([request(1, 71), *nobody], truth_1_1=truth(1, 1, (5, 105)))
        self.assertEqual(len(found[0].path.read_text().splitlines()), 2)

    def test_a_thread_that_was_not_traced_is_judged(self):
        found = self.split([request(1, 71)], truth_1_1=truth(1, 1), truth_1_2=truth(2, 2, (9, 205)))
        self.assertEqual([part.tid for part in found], [71, 0])
        self.assertEqual(self.f1(found[1]), [0, 0, 1])

    def test_one_that_serves_nothing_is_left_out(self):
        self.assertEqual(self.split([request(1, 71)], truth_1_0=[{"k": "meta", "pid": 1, "tid": 0}]), [])

    def test_events_stand_beside_their_truth(self):
        (self.folder / "events-1-1.jsonl").write_text('["i",1,"TCPWRAP",0,0,5,null]\n')
        found = self.split([request(1, 71)], truth_1_1=truth(1, 1))
        self.assertTrue((found[0].truth / "events-1-1.jsonl").exists())


class Together(unittest.TestCase):
    def of(self, right, extra, missing):
        counts = {name: [right, extra, missing] for name in ("f1", "f1_right", "f1_proven")}
        faults = {"zlib": {"fp": extra, "fn": missing, "misattributed": 0}} if extra + missing else {}
        return {"requests": [1, 1], "counts": counts, "left_out": 2, "why_left_out": {"cleared": 2}, "proved": {}, "proofs": [1, 0],
                "faults": faults, "start_us": 30, "end_us": 40}

    def test_the_worst_is_not_lost_among_the_others(self):
        found = parts.together_als([self.of(1000, 0, 0), self.of(1, 1, 1)])
        self.assertEqual(found["threads"], [[1.0, 1000], [0.5, 2]])
        self.assertAlmostEqual(found["f1_right"], 2002 / 2004)
        self.assertEqual([found[key] for key in ("compared", "left_out", "why_left_out", "matched_pct")],
                         [1002, 4, {"cleared": 4}, 100.0])
        self.assertEqual(found["faults"], {"zlib": {"fp": 1, "fn": 1, "misattributed": 0}})

    def test_ids_are_summed(self):
        one = {"kinds": {"init": [3, 1]}, "right": 3, "wrong": 1, "natives": 4, "unseen": {"TCPWRAP": 1}, "examples": ["a"]}
        self.assertEqual(parts.together_ids([one, one]),
                         {"kinds": {"init": [6, 2]}, "right": 6, "wrong": 2, "natives": 8, "unseen": {"TCPWRAP": 2},
                          "examples": ["a", "a"]})


if __name__ == "__main__":
    unittest.main()
