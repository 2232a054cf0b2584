// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node main.js serve CASE PORT: the application of a replay case. node main.js drive CASE PORT: its
 * client, which says "ready", waits for a line on stdin and then sends the requests. A case has
 *   serve(port)    starts the server
 *   before(port)   optional: what the client does before it is ready, that is, before the tracer is attached
 *   drive(port)    sends the requests
 */
const [, , role, name, port] = process.argv;
const app = require(`./${name}`);

async function drive() {
	if (app.before) await app.before(Number(port));
	console.log('ready');
	await new Promise((resolve) => process.stdin.once('data', resolve));
	await app.drive(Number(port));
	process.exit(0);
}

if (role === 'serve') app.serve(Number(port));
else drive();
