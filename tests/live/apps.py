#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""apps.py --build BUILD: brings the applications that have packages to BUILD and installs what their
package-lock.json files say, where they changed since the last time."""
import argparse
import hashlib
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = {"oracle": ROOT / "tests/oracle", "bench-apps": ROOT / "tests/bench/apps",
           "source-maps": ROOT / "tests/apps/source-maps"}
PAUSES = [5, 15, 45]  # seconds between tries: a network has its moments
NPM = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]


def install_packages(folder):
    for pause in [*PAUSES, None]:
        try:
            return subprocess.run(NPM, cwd=folder, check=True, timeout=900)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            if pause is None:
                raise
            print(f"{error}; once more in {pause} s", flush=True)
            time.sleep(pause)


def install(folder):
    lock = folder / "package-lock.json"
    mark = folder / "node_modules" / ".installed"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == digest:
        return
    print(f"npm ci in {folder}", flush=True)
    install_packages(folder)
    mark.parent.mkdir(exist_ok=True)
    mark.write_text(digest)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--only", choices=SOURCES, help="one of them")
    arguments = parser.parse_args()
    for name in [arguments.only] if arguments.only else SOURCES:
        target = arguments.build.resolve() / name
        shutil.copytree(SOURCES[name], target, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
        for lock in sorted(target.rglob("package-lock.json")):
            if "node_modules" not in lock.parts:
                install(lock.parent)


sys.exit(main())
