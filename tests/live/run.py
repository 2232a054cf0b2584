#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""run.py --build BUILD [--tracer PROGRAM] [--full] [--list] [PATTERN]: the live tests, against real node processes.

Needs root, the node builds of scripts/nodes.sh and the applications of apps.py. PATTERN is a regular
expression for names. Prints a line a test and at the end `live: N passed, N failed`.

One or two tests that failed run three times more when all others are done. Passes it every time, it is shaky: shown as
such with its failure, which is kept in a folder of its own, and named at the end. A third that failed fails the run, as
does one with --full or with a PATTERN; one that found the tracer to tell what is not true has no second chance
(harness.expect_truth)."""
import argparse
import contextlib
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
LIMIT = 900  # seconds for a test that is not only of --full; none takes a tenth of it


class Verdict:
    """What came of one run of a test: no problem, a problem, or one that is final."""

    def __init__(self, test, make_test, turn=0):
        self.test = test
        name, long, function, arguments = test
        name += f" again {turn}" if turn else ""
        began = time.monotonic()
        self.problem, self.final, t = None, False, None
        try:
            t = make_test(name)
            with at_most(0 if long else LIMIT):
                function(t, **arguments)
        except harness.Failure as failure:
            self.problem, self.final = str(failure) or "failed without a word", isinstance(failure, harness.Wrong)
        except Exception:  # a broken test is a failed test
            self.problem = traceback.format_exc()
        finally:
            self.problem = end(t) or self.problem
        word = "FAIL" if self.problem else "ok"
        print(f"{word:5} {name:44} {time.monotonic() - began:6.1f} s  {t.note if t else ''}", flush=True)
        if self.problem:
            print("      | " + self.problem.strip().replace("\n", "\n      | "))
            print(f"      | output of the processes: {t.folder if t else 'none'}", flush=True)


@contextlib.contextmanager
def at_most(seconds):
    """One that waits for ever fails as others do; 0 for no limit."""
    def late(*_):
        raise harness.Failure(f"not done within {seconds} s:\n" + "".join(traceback.format_stack()[-4:-1]))

    signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def end(t):
    """Ends what the test has started; a problem when that cannot be done."""
    try:
        if t:
            t.end()
    except Exception:
        return traceback.format_exc()
    return None


def passes_always(verdict, make_test):
    return not any(Verdict(verdict.test, make_test, turn).problem for turn in range(1, MORE + 1))


def judge(failed, make_test):
    """Those of the failed ones that are shaky. They run again at the end, when what troubled the machine may be over;
    too many of them fail in any case."""
    doubtful = [verdict for verdict in failed if not verdict.final]
    if len(doubtful) > MAX_SHAKY:
        return []
    return [verdict for verdict in doubtful if passes_always(verdict, make_test)]


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

    failed = [verdict for test in chosen if (verdict := Verdict(test, make_test)).problem]
    shaky = judge(failed, make_test)
    for verdict in shaky:
        print(f"SHAKY {verdict.test[0]}: failed once, then passed {MORE} times")
    allowed = 0 if arguments.full or arguments.pattern else len(shaky)
    failed = len(failed) - allowed
    print(f"live: {len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
