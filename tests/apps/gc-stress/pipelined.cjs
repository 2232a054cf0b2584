// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node pipelined.cjs PORT REQUESTS CONNECTIONS DEPTH STATUSES: every connection stays open and sends DEPTH requests in one
 * write, and the next ones when all of them were answered. STATUSES receives {rid: status}, as load.cjs writes it.
 */
const fs = require('fs');
const net = require('net');

const [port, total, connections, depth] = process.argv.slice(2, 6).map(Number);
const statuses = {};
let next = 0;
let open = connections;

function converse(socket) {
	let waiting = [];
	let text = '';

	function send() {
		waiting = [];
		while (waiting.length < depth && next < total) waiting.push(++next);
		if (waiting.length === 0) return socket.end();
		return socket.write(waiting.map((rid) => `GET /all?rid=${rid} HTTP/1.1\r\nHost: gc\r\n\r\n`).join(''));
	}

	socket.on('data', (chunk) => {
		text += chunk;
		for (let match; (match = /HTTP\/1\.1 (\d+)[^]*?\r\n\r\ndone/.exec(text));) {
			text = text.slice(match.index + match[0].length);
			statuses[waiting.shift()] = Number(match[1]);
			if (waiting.length === 0) send();
		}
	});
	socket.on('close', () => {
		if (--open === 0) fs.writeFileSync(process.argv[6], JSON.stringify(statuses));
	});
	send();
}

for (let i = 0; i < connections; i++) {
	const socket = net.connect(port, '127.0.0.1', () => converse(socket));
}
