#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
# debian-node.sh: the node of the distribution's own packages (a small executable, libnode.so and
# libuv.so, all stripped), unpacked in build/nodes-debian without being installed. Prints the path of a
# program that runs it, in a mount namespace of its own (needs root). Exits 3 where the package
# sources have no such node.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=$PWD/build/nodes-debian
run=$cache/node
more=(node-acorn node-cjs-module-lexer node-undici) # its built-in modules, in files

if [[ ! -x $run ]]; then
	library=$(apt-cache pkgnames libnode 2>/dev/null | grep -E '^libnode[0-9]+$' | sort -V | tail -n 1 || true)
	version=$(apt-cache madison "${library:-none}" 2>/dev/null | awk 'NR == 1 { print $3 }' || true)
	if [[ -z $version ]]; then
		echo "debian-node: the package sources have no libnode" >&2
		exit 3
	fi
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	mkdir -p "$cache"
	(cd "$scratch" && apt-get download -qq -o Acquire::Retries=3 "nodejs=$version" "$library=$version" "${more[@]}" 2>apt.log) || {
		tail -n 5 "$scratch/apt.log" >&2
		exit 3
	}
	for package in "$scratch"/*.deb; do
		dpkg-deb -x "$package" "$cache"
	done
	# The modules are looked for in /usr/share/nodejs and nowhere else.
	cat >"$run" <<-END
		#!/bin/sh
		mkdir -p /usr/share/nodejs
		exec unshare -m --propagation private sh -c 'mount --bind "$cache/usr/share/nodejs" /usr/share/nodejs &&
			LD_LIBRARY_PATH="$cache/usr/lib/x86_64-linux-gnu" exec "$cache/usr/bin/node" "\$@"' sh "\$@"
	END
	chmod +x "$run"
fi
"$run" --version >/dev/null
echo "$run"
