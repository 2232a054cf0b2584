// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// worker.js PORT: app.js in a worker thread.
'use strict';

const path = require('path');
const { Worker } = require('worker_threads');

new Worker(path.join(__dirname, 'app.js'), { argv: [process.argv[2]] });
