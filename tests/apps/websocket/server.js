// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node server.js WS PORT TLS_PORT: a server of WebSockets by the module WS, that sends back what it is sent: on
 * /deflate with permessage-deflate, on /fragments in two frames. Prints a line of JSON for each connection when it
 * is closed: what came, and the bytes of both directions as the socket counts them.
 */
const http = require('http');
const https = require('https');
const certificate = require('../replay/certificate');

const [, , library, port, tlsPort] = process.argv;
const { WebSocketServer } = require(library);
const plain = new WebSocketServer({ noServer: true, perMessageDeflate: false });
const deflate = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 64 } });

function serve(ws, url) {
	const socket = ws._socket;
	const line = { url, in: { text: 0, binary: 0, pings: 0, pongs: 0, closes: 0, bytes: -socket.bytesRead }, bytes_out: -socket.bytesWritten, code: 0 };
	ws.on('message', (data, isBinary) => {
		line.in[isBinary ? 'binary' : 'text']++;
		if (url.startsWith('/fragments')) {
			ws.send(data.subarray(0, 3), { binary: isBinary, fin: false });
			ws.send(data.subarray(3), { binary: isBinary, fin: true });
		} else ws.send(data, { binary: isBinary });
	});
	ws.on('ping', () => line.in.pings++);
	ws.on('pong', () => line.in.pongs++);
	ws.on('error', () => {});
	ws.on('close', (code) => { line.code = code; });
	socket.on('close', () => {
		line.in.bytes += socket.bytesRead;
		line.bytes_out += socket.bytesWritten;
		process.stdout.write(`${JSON.stringify(line)}\n`);
	});
	ws.ping('first');
	if (url.startsWith('/bye')) ws.close(1000, 'bye');
}

function upgrade(request, socket, head) {
	const server = request.url.startsWith('/deflate') ? deflate : plain;
	server.handleUpgrade(request, socket, head, (ws) => serve(ws, request.url));
}

const answer = (request, response) => response.end('no WebSocket');
http.createServer(answer).on('upgrade', upgrade).listen(Number(port), '127.0.0.1');
https.createServer(certificate(), answer).on('upgrade', upgrade).listen(Number(tlsPort), '127.0.0.1');
