// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// server.js PORT: handlers that compute without starting anything, so that only looks at the thread tell
// where they are. Time is CPU time: the machine may be busy.
'use strict';
const http = require('http');

const BLOCK_MS = 80;

function work(sum) {
  for (let i = 0; i < 200000; i++)
    sum = (sum * 31 + i) % 1000003;
  return sum;
}

function cpuMs() {
  const { user } = process.cpuUsage();
  return user / 1000;
}

function compute() { // its lines are told to whoever asks for /lines
  const end = cpuMs() + BLOCK_MS;
  let sum = 1;
  while (cpuMs() < end)
    sum = work(sum);
  return sum;
}

// A timer that is due at once and waits for who computes.
let waiting = [];
function victim(response) {
  waiting.push(() => setTimeout(() => response.end('late'), 1));
}

// Answers much later: neither that nor the timer is where it was busy.
function block(response) {
  for (const go of waiting.splice(0)) go();
  setImmediate(() => {
    const sum = compute();
    setTimeout(() => response.end(String(sum)), 5);
  });
}

// What its thread lacks of the time that it took, in ms, is what others had of its CPU.
function preempted(response) {
  const { user, system } = process.cpuUsage(), began = process.hrtime.bigint();
  compute();
  const used = process.cpuUsage({ user, system });
  const took = Number(process.hrtime.bigint() - began) / 1e6;
  response.end(String(took - (used.user + used.system) / 1000));
}

const server = http.createServer((request, response) => {
  if (request.url === '/block') block(response);
  else if (request.url === '/preempted') preempted(response);
  else if (request.url === '/victim') victim(response);
  else response.end(String(waiting.length));
});
server.listen(Number(process.argv[2]), '127.0.0.1');
