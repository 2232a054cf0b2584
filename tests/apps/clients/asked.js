// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node asked.js PORT: a server that asks another one, on PORT + 1 of the same process. /KIND/ID says as a line of
 * JSON when it called http.get(), and when it got the connection that it had to wait for.
 */
const http = require('http');

const port = Number(process.argv[2]);
const kept = new http.Agent({ keepAlive: true });
const single = new http.Agent({ keepAlive: true, maxSockets: 1 });
const held = [];
const now = () => Number(process.hrtime.bigint());

function ask(path, host, agent, call = {}) {
	return new Promise((resolve, reject) => {
		call.called = now();
		const request = http.get({ host, port: port + 1, path, agent }, (response) => {
			response.on('end', resolve).resume();
		});
		request.on('error', reject).on('socket', () => { call.socket = now(); });
	});
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function getPrice(host, agent) {
	await turn();
	await ask('/price', host, agent);
}

async function begin(host, agent) {
	await ask('/price', host, agent);
}

/* The first is answered some time after the second has been asked. */
async function getBoth(id) {
	const call = { id };
	const first = ask('/held', '127.0.0.1', single);
	await turn();
	const second = ask('/price', '127.0.0.1', single, call);
	const timer = setInterval(() => {
		if (!held.length) return;
		clearInterval(timer);
		call.answered = now();
		held.shift().end('held');
	}, 20);
	await Promise.all([first, second]);
	console.log(JSON.stringify(call));
}

const kinds = {
	new: () => getPrice('127.0.0.1', new http.Agent()),
	kept: () => getPrice('127.0.0.1', kept),
	name: () => getPrice('localhost', new http.Agent()),
	begin: () => begin('127.0.0.1', kept),
	waits: getBoth,
};

async function answer(request, response) {
	const [, kind, id] = request.url.split('/');
	if (kinds[kind]) await kinds[kind](Number(id));
	response.end('done');
}

const other = http.createServer((request, response) => {
	if (request.url === '/held') held.push(response);
	else response.end('price');
});
other.keepAliveTimeout = 60000; // however slow the machine
other.listen(port + 1, () => http.createServer(answer).listen(port));
