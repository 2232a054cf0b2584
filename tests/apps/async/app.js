// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// app.js PORT: GET /run?times=N runs everything N times without names; GET /measure once with names,
// and with ?errors=1 answers what V8 said at each, as JSON.
'use strict';

const http = require('http');
const { run } = require('./truth.js');
const { patterns } = require('./patterns.js');

let loads = 0;

async function everything() {
  await patterns();
  const { default: Model, arrow } = await import('./module.mjs');
  await new Model().find();
  await Model.all();
  await arrow();
}

async function measured() {
  await import(`./module.mjs?load=${++loads}`);
  await everything();
}

async function answer(request, response) {
  const url = new URL(request.url, 'http://localhost');
  const times = Number(url.searchParams.get('times') || 1);
  const measure = url.pathname === '/measure';
  const truths = await run(measure ? measured : everything, times, measure, url.searchParams.has('errors'));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(measure ? truths : times));
}

const server = http.createServer((request, response) => {
  answer(request, response).catch((error) => {
    response.statusCode = 500;
    response.end(JSON.stringify({ message: error.message, stack: error.stack }));
  });
});

// The module is loaded for good before it is measured, then once more each time.
import('./module.mjs').then(() => server.listen(Number(process.argv[2]), '127.0.0.1'));
