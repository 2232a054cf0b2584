// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Child processes: their output, their end, one that does not exist. */
const { execFile, spawn } = require('child_process');
const { get, serve, touch } = require('./common');

const routes = {
	'/true': (rid, response) => spawn('/bin/true', { stdio: 'ignore' }).on('exit', () =>
		touch(rid, 'exit', () => response.end('true'))),
	'/echo': (rid, response) => execFile('/bin/echo', ['hello'], (error, out) =>
		touch(rid, 'echoed', () => response.end(out))),
	'/pipe': (rid, response) => {
		const child = spawn('/bin/cat');
		child.stdout.on('data', (part) => touch(rid, 'data', () => response.write(part)));
		child.on('close', () => touch(rid, 'close', () => response.end()));
		child.stdin.end('through the pipe');
	},
	'/missing': (rid, response) => spawn('/nowhere/program').on('error', () =>
		touch(rid, 'error', () => response.end('missing'))),
};

exports.serve = (port) => serve(port, routes);
exports.drive = async (port) => {
	let rid = 0;
	for (const names of [['true'], ['echo', 'true'], ['pipe'], ['missing', 'echo']])
		await Promise.all(names.map((name) => get(port, `/${name}?rid=${++rid}`)));
};
