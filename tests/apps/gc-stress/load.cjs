// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* node load.cjs PORT REQUESTS CONNECTIONS SEED STATUSES [THREADS]: with THREADS, to that many ports in turn. */
const http = require('http');
const threads = Number(process.argv[7] || 1);
const agent = new http.Agent({ keepAlive: true });

function ask(port, rid, done) {
	http.get({ host: '127.0.0.1', port: port + rid % threads, path: `/all?rid=${rid}`, agent }, (response) => {
		response.on('end', () => done(null, response.statusCode));
		response.resume();
	}).on('error', done);
}

require('../../oracle/lib/loadgen.cjs')({ routes: [{ kind: ask }] });
