// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// load.cjs PORT REQUESTS CONCURRENCY: asks the cluster, half of it on connections that are kept.
// Prints {rid: [pid, status]}.
'use strict';
const http = require('http');

const [port, requests, concurrency] = process.argv.slice(2).map(Number);
const agents = [new http.Agent({ keepAlive: true, maxSockets: concurrency }), new http.Agent()];
const answers = {};
let next = 0;
let done = 0;

function ask() {
	if (next === requests)
		return;
	const rid = next++;
	http.get({ port, agent: agents[rid % 2], path: `/work?rid=${rid}` }, (response) => {
		let text = '';
		response.on('data', (data) => { text += data; });
		response.on('end', () => {
			answers[rid] = [JSON.parse(text).pid, response.statusCode];
			if (++done === requests) {
				console.log(JSON.stringify(answers));
				agents[0].destroy();
			}
			ask();
		});
	}).on('error', (error) => { throw error; });
}

for (let i = 0; i < concurrency; i++)
	ask();
