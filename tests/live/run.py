#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""run.py --build BUILD [--tracer PROGRAM] [--full] [--list] [PATTERN]: the live tests, against real node processes.

Needs root, the node builds of scripts/nodes.sh and the applications of apps.py. PATTERN is a regular
expression for names. Prints a line a test and at the end `live: N passed, N failed`.

A test that failed runs three times more. Passes it every time, it is shaky: shown as such with its failure, which is kept
in a folder of its own, and named at the end. More than two of them fail the run, as does one with --full or with a
PATTERN, and one that found the tracer to tell what is not true has no second chance (harness.expect_truth)."""
import argparse
import collections
import importlib
import pathlib
import re
import signal
import subprocess
import sys
import time
import traceback

import harness

for path in sorted(pathlib.Path(__file__).parent.glob("test_*.py")):
    importlib.import_module(path.stem)  # registers its tests


def node_builds(full):
    majors = [major for major in harness.MAJORS if full or major not in harness.LONG]
    run = subprocess.run([harness.ROOT / "scripts/nodes.sh", *map(str, majors)], capture_output=True, text=True,
                         timeout=600 * harness.PATIENCE)
    if run.returncode:
        sys.exit(f"live: no node builds: {run.stderr}")
    return dict(zip(majors, run.stdout.split()))


MORE = 3  # times that a failed test runs again
MAX_SHAKY = 2


class Verdict:
    """What came of a test: passed, failed or shaky."""

    def __init__(self, name, function, arguments, t):
        began = time.monotonic()
        self.problem, self.final = None, False
        try:
            function(t, **arguments)
        except harness.Failure as failure:
            self.problem, self.final = str(failure), isinstance(failure, harness.Wrong)
        except Exception:  # a broken test is a failed test
            self.problem = traceback.format_exc()
        finally:
            t.end()
        word = "FAIL" if self.problem else "ok"
        print(f"{word:5} {name:44} {time.monotonic() - began:6.1f} s  {t.note}", flush=True)
        if self.problem:
            print("      | " + self.problem.strip().replace("\n", "\n      | "))
            print(f"      | output of the processes: {t.folder}", flush=True)


def run_one(name, function, arguments, make_test):
    """"passed", "failed" or "shaky"."""
    first = Verdict(name, function, arguments, make_test(name))
    if not first.problem:
        return "passed"
    if first.final:
        return "failed"
    for turn in range(1, MORE + 1):
        again = f"{name} again {turn}"
        if Verdict(again, function, arguments, make_test(again)).problem:
            return "failed"
    return "shaky"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=harness.ROOT / "build")
    parser.add_argument("--full", action="store_true", help="also the long ones")
    parser.add_argument("--minutes", type=float, default=harness.SOAK_MINUTES, help="length of a soak test, with --full")
    parser.add_argument("--tracer", type=lambda word: pathlib.Path(word).resolve(), help="not BUILD/ntrace-bpf")
    parser.add_argument("--list", action="store_true", help="print the names only")
    parser.add_argument("pattern", nargs="?", default="")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    harness.SOAK_MINUTES = arguments.minutes
    chosen = [test for test in harness.REGISTRY
              if (arguments.full or not test[1]) and re.search(arguments.pattern, test[0])]
    if arguments.list:
        print("\n".join(test[0] for test in chosen))
        return 0
    # A shell that starts us in the background has us ignore the first, which those we start would inherit.
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: sys.exit("live: interrupted"))  # what was started is ended
    nodes = node_builds(arguments.full)
    def make_test(name):
        return harness.Test(name, build, nodes, arguments.tracer)

    names = collections.defaultdict(list)
    for name, _, function, values in chosen:
        names[run_one(name, function, values, make_test)].append(name)
    failed = len(names["failed"])
    for name in names["shaky"]:
        print(f"SHAKY {name}: failed once, then passed {MORE} times")
    if len(names["shaky"]) > (0 if arguments.full or arguments.pattern else MAX_SHAKY):
        failed += len(names["shaky"])
    print(f"live: {len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
