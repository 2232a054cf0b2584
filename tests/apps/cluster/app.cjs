// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// app.cjs PORT WORKERS [told]: a cluster that serves one application. The primary says that it is there, and
// starts the workers, or does so when told by SIGUSR2; it says of each that it serves. Each answer names the process that gave it; every operation of a request names
// the request, so that a trace can be compared with the answers. Files of the same number are open in
// all processes at the same time.
'use strict';
const cluster = require('cluster');
const fs = require('fs');
const http = require('http');
const zlib = require('zlib');

const port = Number(process.argv[2]);
const workers = Number(process.argv[3] || 4);
const told = process.argv[4] === 'told';

function start() {
	for (let i = 0; i < workers; i++)
		cluster.fork();
}

async function answer(request, response) {
	const rid = new URL(request.url, 'http://localhost').searchParams.get('rid');
	await new Promise((resolve) => setTimeout(resolve, 1 + rid % 7));
	const missing = `${__dirname}/no-such-file-${rid}`;
	await fs.promises.stat(missing).catch(() => {});
	const handle = await fs.promises.open(__filename);
	const text = await handle.readFile();
	await handle.close();
	zlib.gzip(text, () => {
		response.statusCode = rid % 10 === 0 ? 500 : 200;
		response.end(JSON.stringify({ rid, pid: process.pid }));
	});
}

if (cluster.isPrimary) {
	if (told)
		process.once('SIGUSR2', start);
	cluster.on('listening', () => console.log('serving'));
	setInterval(() => {}, 1e9);
	setTimeout(() => {
		console.log('there');
		if (!told) start();
	}, 1);
} else
	http.createServer(answer).listen(port).keepAliveTimeout = 60000;
