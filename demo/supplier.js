// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* The outgoing side: prices come from another server over keep-alive connections. */
const http = require('http');

const port = Number(process.argv[3] || 3001);
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

function getJson(path) {
	return new Promise(function ask(resolve, reject) {
		const request = http.get({ host: '127.0.0.1', port, path, agent }, function onAnswer(answer) {
			let text = '';
			answer.setEncoding('utf8');
			answer.on('data', function onData(part) {
				text += part;
			});
			answer.on('end', function onEnd() {
				if (answer.statusCode === 200) resolve(JSON.parse(text));
				else reject(new Error(`supplier answered ${answer.statusCode}`));
			});
		});
		request.on('error', reject);
	});
}

async function fetchPrice(id) {
	const { price } = await getJson(`/price/${id}?key=shop-supplier-key`);
	return price;
}

async function reserve(id) {
	return getJson(`/reserve/${id}?key=shop-supplier-key`);
}

module.exports = { fetchPrice, reserve };
