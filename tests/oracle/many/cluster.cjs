// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node cluster.cjs MAIN PORT PROCESSES: the application MAIN in that many processes of a cluster, all on PORT. Says of
 * each that it serves there.
 */
const cluster = require('cluster');
const path = require('path');

const [, , main, port, processes] = process.argv;
cluster.setupPrimary({ exec: path.resolve(main), args: [port] });
cluster.on('listening', (worker, address) => {
	if (address.port === Number(port)) process.stdout.write('serving\n');
});
for (let i = 0; i < Number(processes); i++) cluster.fork();
process.on('SIGTERM', () => {
	for (const worker of Object.values(cluster.workers)) worker.kill();
	process.exit(0);
});
