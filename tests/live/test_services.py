# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Applications that talk to a database; only with --full."""
import subprocess
import tempfile

from harness import expect, expect_truth, live
from test_requests import judge


@live(app=["d05", "d06"], node=[18, 20, 22, 24], full=True)
def requests_with_databases(t, app, node):
    script = t.oracle / "services.sh"
    # The database's own user must be able to walk to its files.
    with tempfile.TemporaryDirectory(prefix="ntrace-services-") as folder:
        subprocess.run(["chmod", "755", folder], check=True, timeout=5)
        started = subprocess.run(["bash", script, "start", folder], capture_output=True, text=True, timeout=120,
                                 stdin=subprocess.DEVNULL)
        try:
            expect(started.returncode == 0, f"no services: {started.stdout[-300:]} {started.stderr[-300:]}")
            score = judge(t, app, node)
        finally:
            subprocess.run(["bash", script, "stop", folder], capture_output=True, timeout=60)
    expect_truth(score["wrong_pct"] < 5, f"{score['wrong_pct']} % of the operations are wrong: {score}")
