// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// app.js PORT: GET /run?times=N runs everything N times without measuring; GET /measure does so with
// and answers what V8 said about each stack, as JSON.
'use strict';

const http = require('http');
const { run } = require('./truth.js');
const { plain } = require('./plain.js');
const { later } = require('./later.js');
const { wide } = require('./wide.js');

let loads = 0;

async function everything() {
  plain();
  wide();
  await later();
  const { default: Model, arrow } = await import('./module.mjs');
  new Model().find();
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
  const truths = await run(measure ? measured : everything, times, measure);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(measure ? truths : times));
}

http.createServer((request, response) => {
  answer(request, response).catch((error) => {
    response.statusCode = 500;
    response.end(JSON.stringify({ message: error.message, stack: error.stack }));
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
