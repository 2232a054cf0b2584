// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* What the replay cases share: paths that name their request, a table of routes, a client. */
const fs = require('fs');
const http = require('http');
const net = require('net');

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/* Not there: the path itself tells the request and the place in its code. */
const path = (rid, tag) => `/nowhere/rid-${rid}.${tag}`;
const touch = (rid, tag, done) => fs.access(path(rid, tag), () => done && done());
const touched = (rid, tag) => new Promise((resolve) => touch(rid, tag, resolve));

/* A server whose handlers are called as handler(rid, response, request). */
function serve(port, routes) {
	return http.createServer((request, response) => {
		const url = new URL(request.url, 'http://case');
		const handler = routes[url.pathname];
		if (handler) return handler(url.searchParams.get('rid'), response, request);
		response.statusCode = 404;
		response.end();
	}).listen(port, '127.0.0.1');
}

/* One request, on a connection of its own unless options say otherwise: {status, body}. */
function get(port, target, options = {}) {
	return new Promise((resolve, reject) => {
		const request = http.request({ host: '127.0.0.1', port, path: target, agent: false, ...options }, (response) => {
			const parts = [];
			response.on('data', (part) => parts.push(part));
			response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(parts).toString() }));
			response.on('error', reject);
		});
		request.on('error', reject);
		request.end(options.body);
	});
}

/* Sends the texts on one connection, `pause` ms apart; what comes back until the server is silent or closes. */
async function raw(port, texts, { pause = 20, wait = 150, destroy = false } = {}) {
	const socket = net.connect(port, '127.0.0.1');
	let answer = '';
	socket.on('data', (part) => { answer += part.toString('latin1'); });
	socket.on('error', () => {});
	await new Promise((resolve) => socket.once('connect', resolve));
	for (const text of texts) {
		socket.write(text);
		await sleep(pause);
	}
	if (!destroy) await sleep(wait);
	socket.destroy();
	return answer;
}

const request = (target, { method = 'GET', version = '1.1', headers = '' } = {}) =>
	`${method} ${target} HTTP/${version}\r\nHost: case\r\n${headers}\r\n`;

module.exports = { sleep, path, touch, touched, serve, get, raw, request };
