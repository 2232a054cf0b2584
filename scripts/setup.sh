#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
# setup.sh [run|check|full]...: installs the Debian packages that are missing. Needs root for that only.
set -euo pipefail

build=(gcc make cmake pkg-config clang bpftool libbpf-dev libelf-dev libjansson-dev zlib1g-dev libprotobuf-c-dev
	protobuf-c-compiler libncurses-dev libzydis-dev libcmocka-dev uthash-dev ca-certificates)
# libdevel-nytprof-perl is where Debian keeps the original flamegraph.pl.
check=(clang-format clang-tidy python3 tmux wrk util-linux procps perl libdevel-nytprof-perl)
full=(postgresql redis-server)

installed()
{
	[[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

wanted=("${build[@]}")
for group in "$@"; do
	case $group in
	run) ;;
	check) wanted+=("${check[@]}") ;;
	full) wanted+=("${check[@]}" "${full[@]}") ;;
	*)
		echo "setup: unknown group '$group'" >&2
		exit 2
		;;
	esac
done

missing=()
for package in "${wanted[@]}"; do
	installed "$package" || missing+=("$package")
done
# A node from elsewhere brings its own npm, and Debian's would fight with it.
command -v npm >/dev/null || missing+=(nodejs npm)
[[ ${#missing[@]} -gt 0 ]] || exit 0

if [[ $(id -u) -ne 0 ]]; then
	echo "setup: these packages are missing: ${missing[*]}; install them as root: apt-get install ${missing[*]}" >&2
	exit 1
fi
echo "setup: installing ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# A network has its moments, and another apt may hold the lock.
options=(-o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
for pause in 5 15 45 ''; do
	apt-get "${options[@]}" update >"$log" 2>&1 &&
		apt-get "${options[@]}" install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 && exit 0
	tail -n 20 "$log" >&2
	[[ -z $pause ]] || { echo "setup: once more in $pause s" >&2 && sleep "$pause"; }
done
echo "setup: apt-get install failed" >&2
exit 1
