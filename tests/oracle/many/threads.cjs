// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* node threads.cjs MAIN PORT THREADS: the application MAIN in that many worker threads, on the ports from PORT on. */
const path = require('path');
const { Worker } = require('worker_threads');

const [, , main, port, threads] = process.argv;
for (let i = 0; i < Number(threads); i++) new Worker(path.resolve(main), { argv: [Number(port) + i] });
