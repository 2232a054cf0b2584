// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * The server asks another one, through an agent with a single socket: requests wait for each other
 * and use the connection in turn. The other server runs in the client's process.
 */
const http = require('http');
const { get, serve, sleep, touch } = require('./common');

let agent;
let upstream;

function ask(target, done) {
	http.get({ host: '127.0.0.1', port: upstream, path: target, agent }, (response) => {
		response.resume();
		response.on('end', () => done(response.statusCode));
	}).on('error', () => done(0));
}

const routes = {
	'/ask': (rid, response) => ask(`/one?from=rid-${rid}`, (status) =>
		touch(rid, 'asked', () => response.end(String(status)))),
	'/twice': (rid, response) => ask(`/first?from=rid-${rid}`, () =>
		touch(rid, 'between', () => ask(`/second?from=rid-${rid}`, (status) => response.end(String(status))))),
	'/refused': (rid, response) => http.get({ host: '127.0.0.1', port: 1, agent: false }).on('error', () =>
		touch(rid, 'refused', () => response.end('refused'))),
};

exports.serve = (port) => {
	upstream = port + 1;
	agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	serve(port, routes);
};
exports.before = (port) => new Promise((resolve) => {
	http.createServer((request, response) => {
		response.statusCode = request.url.startsWith('/second') ? 404 : 200;
		setTimeout(() => response.end('upstream'), 5);
	}).listen(port + 1, '127.0.0.1', resolve);
});
exports.drive = async (port) => {
	let rid = 0;
	for (const names of [['ask'], ['ask', 'ask', 'ask'], ['twice', 'ask'], ['refused']])
		await Promise.all(names.map((name) => get(port, `/${name}?rid=${++rid}`)));
	await sleep(20);
};
