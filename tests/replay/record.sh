#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
# record.sh NODE TRACER [CASE]...: makes the recordings of tests/replay anew with this node and this
# ntrace-bpf: CASE.nodeMAJOR.ntr beside this script, or in $OUT. Needs root. What a recording must
# give stands in CASE.nodeMAJOR.expected: NT_GOLDEN_UPDATE=1 replay_cases CASE.nodeMAJOR writes it;
# compare it with what tests/apps/replay/CASE.js does before you believe it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
node=$(realpath "$1")
tracer=$(realpath "$2")
shift 2
cases=("$@")
out=${OUT:-$here}
port=${PORT:-28180}
major=$("$node" -p 'process.versions.node.split(".")[0]')

if [[ ${#cases[@]} -eq 0 ]]; then
	for file in "$here"/../apps/replay/*.js; do
		name=$(basename "$file" .js)
		[[ $name == main || $name == common || $name == certificate ]] || cases+=("$name")
	done
fi

# Recordings must not tell where on whose machine they were made: everything runs in one folder.
folder=/tmp/ntrace-replay
rm -rf "$folder"
mkdir -p "$folder"
cp "$here"/../apps/replay/*.js "$folder"
cd "$folder"
children=()
trap 'for pid in "${children[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$folder"' EXIT

wait_for()
{
	local what=$1
	shift
	for _ in $(seq 200); do
		"$@" && return 0
		sleep 0.05
	done
	echo "record: $what: not within 10 s" >&2
	return 1
}

answers()
{
	(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
}

# One case; flags of node and of the tracer by name of the case.
record()
{
	local name=$1 server client trace flags=() options=(--no-stacks)
	if [[ $name == stacks ]]; then
		flags=(--perf-basic-prof)
		options=()
	fi
	if answers; then
		echo "record: port $port is in use" >&2
		return 1
	fi
	"$node" "${flags[@]}" main.js serve "$name" "$port" &
	server=$!
	children+=("$server")
	wait_for "$name: the server answers" answers
	sleep 0.2
	rm -f go said tracer.err
	mkfifo go
	"$node" main.js drive "$name" "$port" <go >said &
	client=$!
	children+=("$client")
	exec 4>go
	wait_for "$name: the client is ready" grep -qs ready said
	"$tracer" -p "$server" --show-query "${options[@]}" --record-events "$name.ntr" --format ndjson -o "$name.ndjson" 2>tracer.err &
	trace=$!
	children+=("$trace")
	wait_for "$name: the tracer attaches" grep -qs 'tracing pid' tracer.err
	echo go >&4
	exec 4>&-
	wait "$client"
	sleep 0.3
	kill -INT "$trace"
	wait "$trace"
	kill "$server"
	wait "$server" 2>/dev/null || true
	rm -f "/tmp/perf-$server.map"
	mv "$name.ntr" "$out/$name.node$major.ntr"
	echo "$name.node$major $(wc -c <"$out/$name.node$major.ntr") bytes"
}

for name in "${cases[@]}"; do
	record "$name"
done
