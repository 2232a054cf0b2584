#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""The rule by which run.py calls a test passed, failed or shaky, on tests that are made up."""
import contextlib
import io
import pathlib
import time
import types
import unittest

import run
from harness import Failure, Wrong


def outcomes(*problems):
    """A test that has these, one a run, and then none."""
    left = list(problems)

    def function(_):
        problem = left.pop(0) if left else None
        if problem:
            raise problem
    return f"made up {id(left)}", False, function, {}


def made(name):
    return types.SimpleNamespace(name=name, note="", folder=pathlib.Path("none"), end=lambda: None)


def judged(tests, make_test=made):
    """How many failed at first, and how many of them are shaky."""
    with contextlib.redirect_stdout(io.StringIO()):
        failed = [verdict for test in tests if (verdict := run.Verdict(test, make_test)).problem]
        return len(failed), len(run.judge(failed, make_test))


class Chances(unittest.TestCase):
    def test_one_that_passes_is_not_run_again(self):
        self.assertEqual(judged([outcomes(None, Failure("second"))]), (0, 0))

    def test_one_that_failed_once_is_shaky(self):
        self.assertEqual(judged([outcomes(Failure("once"))]), (1, 1))

    def test_one_that_fails_again_has_failed(self):
        for passes in range(run.MORE):
            self.assertEqual(judged([outcomes(Failure("once"), *[None] * passes, Failure("again"))]), (1, 0))

    def test_a_failure_without_a_word_is_one(self):
        self.assertEqual(judged([outcomes(Failure(""))]), (1, 1))

    def test_a_broken_test_has_failed(self):
        self.assertEqual(judged([outcomes(*[KeyError("broken")] * 2)]), (1, 0))

    def test_what_is_not_true_has_no_second_chance(self):
        self.assertEqual(judged([outcomes(Wrong("a lie"))]), (1, 0))
        self.assertEqual(judged([outcomes(Failure("once"), Wrong("a lie"))]), (1, 0))

    def test_too_many_that_failed_have_no_second_chance(self):
        some = [outcomes(Failure("once")) for _ in range(run.MAX_SHAKY)]
        self.assertEqual(judged(some), (run.MAX_SHAKY, run.MAX_SHAKY))
        many = [outcomes(Failure("once")) for _ in range(run.MAX_SHAKY + 1)]
        self.assertEqual(judged(many), (run.MAX_SHAKY + 1, 0))

    def test_one_that_cannot_be_set_up_has_failed(self):
        def none(name):
            raise OSError(name)
        self.assertEqual(judged([outcomes()], none), (1, 0))

    def test_one_whose_processes_do_not_end_has_failed(self):
        def endless(name):
            return types.SimpleNamespace(**vars(made(name)) | {"end": lambda: 1 / 0})
        self.assertEqual(judged([outcomes()], endless), (1, 0))

    def test_one_that_waits_for_ever_has_failed(self):
        with self.assertRaises(Failure), run.at_most(1):
            time.sleep(60)


if __name__ == "__main__":
    unittest.main()
