// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node client.js WS PORT TLS_PORT: opens WebSockets, by the module WS and by hand, and prints a line of JSON for
 * each when it is closed: what it got.
 */
const crypto = require('crypto');
const net = require('net');

const [, , library, port, tlsPort] = process.argv;
const WebSocket = require(library);
let next = 1;

const SIZES = [0, 1, 125, 126, 127, 65535, 65536, 200000];
const soon = () => new Promise((resolve) => setImmediate(resolve));

/* What is sent: returns how many messages. */
const WORK = {
	messages(ws) {
		for (const size of SIZES) {
			ws.send('x'.repeat(size));
			ws.send(Buffer.alloc(size, 7));
		}
		return 2 * SIZES.length;
	},
	burst(ws) {
		for (let i = 0; i < 600; i++) ws.send(`message ${i}`);
		return 600;
	},
	pieces(ws) {
		for (let i = 0; i < 5; i++) {
			ws.send('one', { fin: false, binary: i % 2 });
			ws.ping();
			ws.send('two', { fin: false });
			ws.send('', { fin: false });
			ws.send('three', { fin: true });
		}
		return 5;
	},
	pings(ws) {
		for (let i = 0; i < 7; i++) ws.ping('p');
		ws.pong();
		ws.send('last');
		return 1;
	},
};

function open(secure, path, work) {
	const got = { url: `${path}?rid=${next++}`, work, text: 0, binary: 0, pings: 0, pongs: 0, closes: 1, at_least: false };
	const ws = new WebSocket(`${secure ? `wss://127.0.0.1:${tlsPort}` : `ws://127.0.0.1:${port}`}${got.url}`, { rejectUnauthorized: false });
	let left = -1;
	ws.on('open', () => { left = WORK[work] ? WORK[work](ws) : -1; });
	ws.on('message', (data, isBinary) => {
		got[isBinary ? 'binary' : 'text']++;
		if (!--left) ws.close();
	});
	ws.on('ping', () => got.pings++);
	ws.on('pong', () => got.pongs++);
	ws.on('error', () => {});
	return new Promise((resolve) => ws.on('close', () => {
		process.stdout.write(`${JSON.stringify(got)}\n`);
		resolve();
	}));
}

function frame(opcode, payload, { fin = true, masked = true } = {}) {
	const body = Buffer.from(payload);
	const mask = masked ? crypto.randomBytes(4) : Buffer.alloc(0);
	const head = body.length < 126 ? [body.length] : [126, body.length >> 8, body.length & 255];
	head[0] |= masked ? 128 : 0;
	return Buffer.concat([Buffer.from([opcode | (fin ? 128 : 0), ...head]), mask, body.map((byte, i) => (masked ? byte ^ mask[i % 4] : byte))]);
}

/* Frames by hand, each write as it is; ends when the server closes the connection. Of what it gets it knows what it
 * asked for. */
async function raw(writes, got) {
	got.url = `/messages?rid=${next++}`;
	const socket = net.connect(Number(port), '127.0.0.1');
	const over = new Promise((resolve) => socket.on('close', resolve));
	socket.setNoDelay();
	socket.on('error', () => {});
	socket.write(`GET ${got.url} HTTP/1.1\r\nHost: case\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n`
		+ `Sec-WebSocket-Key: ${crypto.randomBytes(16).toString('base64')}\r\n\r\n`);
	await new Promise((resolve) => socket.once('data', resolve));
	socket.resume();
	for (const write of writes) {
		socket.write(write);
		await soon();
		await soon();
	}
	await over;
	process.stdout.write(`${JSON.stringify({ work: 'raw', at_least: false, ...got })}\n`);
}

const bytes = (buffer) => [...buffer].map((byte) => Buffer.from([byte]));
const close = frame(8, [3, 232]);
const none = { text: 0, binary: 0, pings: 1, pongs: 0, closes: 1 };

(async () => {
	for (const secure of [false, true]) {
		const all = [];
		for (const path of ['/messages', '/deflate', '/fragments'])
			for (const work of Object.keys(WORK)) all.push(open(secure, path, work));
		all.push(open(secure, '/bye', ''));
		await Promise.all(all);
	}
	/* byte by byte */
	await raw([...bytes(frame(1, 'x'.repeat(200))), ...bytes(frame(2, 'yy')), ...bytes(frame(9, '')), close], { ...none, text: 1, binary: 1, pongs: 1 });
	/* many frames at once, cut in the middle of a head */
	const many = Buffer.concat([...Array(3000).fill(frame(1, 'z')), frame(2, 'y'.repeat(300))]);
	await raw([many.subarray(0, many.length - 305), many.subarray(many.length - 305), close], { ...none, text: 3000, binary: 1 });
	/* what no client sends: the server hangs up */
	await raw([Buffer.concat([frame(1, 'good'), frame(1, 'not masked', { masked: false })])], { ...none, text: 1, at_least: true });
})().then(() => setTimeout(() => process.exit(0), 50));
