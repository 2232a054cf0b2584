#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
# tidy.sh BUILD [FILE]...: clang-tidy over every C file (or those named) with the flags of BUILD, and
# over the kernel side. A file that was clean is not looked at again until it, a header or the
# configuration changes.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
build=$(realpath "$1")
shift
marks=$build/tidy
mkdir -p "$marks"

# Everything on which all results depend.
common=$( (cat .clang-tidy "$0" && find bpf vmlinux symbolizer aggregator tui user tests -name '*.h' -print0 |
	sort -z | xargs -0 cat) | sha256sum)
# Our headers, by their own path or through the include folder of a layer; nothing generated.
headers="($PWD|/include/[a-z]+)/(bpf|symbolizer|aggregator|tui|user|tests)/.*\.h\$"
export build marks common headers

look()
{
	local file=$1 mark flags findings
	mark=$marks/$( (echo "$common" && echo "$file" && cat "$file") | sha256sum | cut -c1-40)
	[[ -e $mark ]] && return 0
	flags=(-p "$build" "--extra-arg-before=-I$PWD/tests/style/stand-in")
	if [[ $file == *.bpf.c ]]; then
		# What a program or a callback of the kernel is given is not for us to choose.
		flags=(--checks=-misc-unused-parameters,-readability-non-const-parameter
			-- -target bpf -D__TARGET_ARCH_x86 -O2 -g -I . -I vmlinux)
	fi
	if findings=$(clang-tidy --quiet --header-filter="$headers" "$file" "${flags[@]}" 2>&1); then
		touch "$mark"
		return 0
	fi
	if ! grep -qE '(error|warning): ' <<<"$findings"; then
		echo "$file: clang-tidy failed: $findings"
		return 1
	fi
	# A path that begins in our file may end in a generated one, and is told in spite of the filter.
	grep -E '(error|warning): ' <<<"$findings" | grep -v "^$build/generated/" && return 1
	touch "$mark"
	return 0
}
export -f look

if [[ $# -gt 0 ]]; then
	printf '%s\0' "$@"
else
	find bpf symbolizer aggregator tui user tests -name '*.c' -print0 | sort -z
fi | xargs -0 -n 1 -P "$(nproc)" bash -c 'look "$1"' look | sort -u # a header's finding once
