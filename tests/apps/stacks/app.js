// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// app.js PORT [FRAMEWORK...]: GET /run?times=N runs everything N times without measuring; GET
// /measure does so with measuring and answers what V8 said about each stack, as JSON. With &worker=1
// a worker does it. With --expose-gc the garbage is collected all the time.
'use strict';

const { once } = require('events');
const http = require('http');
const path = require('path');
const { Worker } = require('worker_threads');
const { answer } = require('./everything.js');

let worker;

async function ask(question) {
  worker = worker || new Worker(path.join(__dirname, 'everything.js'), { argv: process.argv.slice(2) });
  worker.postMessage(question);
  return (await once(worker, 'message'))[0];
}

async function respond(request, response) {
  const url = new URL(request.url, 'http://localhost');
  const question = {
    measure: url.pathname === '/measure',
    times: Number(url.searchParams.get('times') || 1),
  };
  const truths = await (url.searchParams.get('worker') ? ask : answer)(question);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(truths));
}

http.createServer((request, response) => {
  respond(request, response).catch((error) => {
    response.statusCode = 500;
    response.end(JSON.stringify({ message: error.message, stack: error.stack }));
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
