#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
# tidy.sh BUILD: clang-tidy over every C file that BUILD compiles and over the kernel side. A file
# that was clean is not looked at again until it, a header or the configuration changes.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
build=$1
marks=$build/tidy
mkdir -p "$marks"
export build marks

# Everything on which all results depend.
common=$( (cat .clang-tidy && find bpf vmlinux symbolizer aggregator tui user tests -name '*.h' -print0 |
	sort -z | xargs -0 cat) | sha256sum)
export common

look()
{
	local file=$1 mark
	mark=$marks/$( (echo "$common" && echo "$file" && cat "$file") | sha256sum | cut -c1-40)
	[[ -e $mark ]] && return 0
	local flags=(-p "$build")
	if [[ $file == *.bpf.c ]]; then
		flags=(-- -target bpf -D__TARGET_ARCH_x86 -O2 -g -I . -I vmlinux)
	fi
	if clang-tidy --quiet "$file" "${flags[@]}" 2>"$mark.err" >"$mark.out"; then
		rm -f "$mark.out" "$mark.err"
		touch "$mark"
		return 0
	fi
	cat "$mark.out"
	grep -v 'warnings generated\|^Suppressed\|^Use -header' "$mark.err"
	rm -f "$mark.out" "$mark.err"
	return 1
}
export -f look

find bpf symbolizer aggregator tui user tests -name '*.c' -print0 | sort -z |
	xargs -0 -n 1 -P "$(nproc)" bash -c 'look "$1"' look
