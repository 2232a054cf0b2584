// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node upstream.js PORT TLS_PORT SOCKET: what the clients of server.js ask, with answers of every
 * framing, over TCP, TLS and a unix socket; on PORT + 1 something that answers whatever it is sent, and
 * a name server.
 */
const dgram = require('dgram');
const http = require('http');
const https = require('https');
const net = require('net');
const { certificate } = require('./certificate');

const [port, tlsPort, path] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];

const routes = {
	'/ok': (response) => response.end('ok'),
	'/fail': (response) => { response.statusCode = 503; response.end('later'); },
	'/none': (response) => { response.statusCode = 204; response.end(); },
	'/big': (response) => response.end(Buffer.alloc(300000, 'x')),
	'/chunks': (response) => { response.write('one'); response.write('two'); response.end('three'); },
	'/slow': (response) => {
		let left = 3;
		const timer = setInterval(() => {
			if (left--) return response.write(`part ${left}`);
			clearInterval(timer);
			return response.end();
		}, 30);
	},
	'/late': (response) => setTimeout(() => response.end('late'), 60),
	'/until-close': (response) => {
		response.shouldKeepAlive = false;
		response.removeHeader('transfer-encoding');
		response.useChunkedEncodingByDefault = false;
		response.write('all there is');
		setTimeout(() => response.end(), 20);
	},
	'/early': (response) => { response.writeProcessing(); response.end('after 102'); },
	'/moved': (response) => { response.writeHead(302, { location: '/ok?moved=1' }); response.end(); },
	'/cut': (response) => { response.writeHead(200, { 'content-length': 100 }); response.write('half'); setTimeout(() => response.destroy(), 20); },
	'/never': () => {},
};

function answer(request, response) {
	const route = routes[new URL(request.url, 'http://x').pathname];
	request.resume();
	request.on('end', () => {
		if (route) return route(response);
		response.statusCode = 404;
		return response.end('no such page');
	});
}

/* Answers every question with one record of the type asked for; names that begin with "no" do not exist. */
function resolve(query) {
	let end = 12;
	while (query[end]) end += query[end] + 1;
	const type = query.readUInt16BE(end + 1);
	const question = query.subarray(12, end + 5);
	const data = { 1: [127, 0, 0, 9], 15: [0, 10, 1, 0x6d, 0], 16: [2, 0x68, 0x69], 28: [...Buffer.alloc(15), 9] }[type];
	const known = data && question.toString('latin1', 1, 3) !== 'no';
	const head = Buffer.from([query[0], query[1], 0x81, known ? 0x80 : 0x83, 0, 1, 0, known ? 1 : 0, 0, 0, 0, 0]);
	const answer = known ? [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data] : [];
	return Buffer.concat([head, question, Buffer.from(answer)]);
}

function listening(server, ...where) {
	server.keepAliveTimeout = 60000; // however slow the machine
	return new Promise((resolve) => server.listen(...where, resolve));
}

async function main() {
	await listening(https.createServer(certificate(), answer), tlsPort, '127.0.0.1');
	await listening(http.createServer(answer), path);
	await listening(net.createServer((socket) => {
		socket.on('error', () => {});
		socket.on('data', (data) => socket.write(`you said ${data}`));
	}), port + 1, '127.0.0.1');
	const names = dgram.createSocket('udp4', (query, from) => names.send(resolve(query), from.port, from.address));
	await new Promise((done) => names.bind(port + 1, '127.0.0.1', done));
	await listening(http.createServer(answer), port, '127.0.0.1');
}

main();
