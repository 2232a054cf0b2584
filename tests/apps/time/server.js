// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// server.js PORT: knows itself where its time went, and tells it in its answers. Times are those of
// process.hrtime, CLOCK_MONOTONIC, in milliseconds.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const { performance, PerformanceObserver } = require('perf_hooks');

const WAIT_MS = 50; // of a victim, before its timer is due
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const turn = () => new Promise(resolve => setImmediate(resolve));
const now = () => Number(process.hrtime.bigint()) / 1e6;

// A timer counts from when its turn of the loop began, in whole milliseconds of the loop's own clock:
// what those are in ours is the least difference that is seen.
let loopClock = Infinity;
function setAt(timer) {
  loopClock = Math.min(loopClock, now() - timer._idleStart);
  return loopClock + timer._idleStart;
}

async function calibrate() {
  for (let i = 0; i < 100; i++) {
    await sleep(1);
    setAt(setTimeout(() => {}, 1));
  }
}

let collected = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) collected += entry.duration;
}).observe({ entryTypes: ['gc'] });

function spinUntil(end) {
  while (now() < end);
}

let kept = [];
function makeGarbage() {
  const more = [];
  for (let i = 0; i < 30000; i++) more.push({ i, text: `number ${i}` });
  kept = [...kept.slice(-3), more];
}

// Waits, works, and makes garbage, for a while.
async function window() {
  const before = performance.eventLoopUtilization();
  const collectedBefore = collected;
  for (let i = 0; i < 25; i++) {
    await sleep(15);
    makeGarbage();
  }
  const { idle } = performance.eventLoopUtilization(before);
  await turn(); // observers are told in a turn of their own
  await turn();
  return { idle, gc: collected - collectedBefore };
}

// Victims set timers when block() lets them, which are due while it keeps the loop.
let waiting = []; // opens their gates
let dues = [];
let spun = 0; // when that ended
async function late() {
  await new Promise(open => waiting.push(open));
  let due;
  await new Promise(resolve => {
    due = setAt(setTimeout(resolve, WAIT_MS)) + WAIT_MS;
    dues.push(due);
  });
  return { late: spun - due };
}

async function block() {
  dues = [];
  for (const open of waiting.splice(0)) open();
  await turn();
  const ready = dues.length;
  spinUntil(Math.max(...dues) + 80);
  spun = now();
  return { ready };
}

// Who comes later waits in the pool's queue, until the first of the hashes is done. All wait for the short one, so that
// no client need be quick: then the long hashes go to the pool, behind them the short one, and behind that the rest.
let longs = []; // opens their gates
let stats = [];
let hashed; // when the first one was done
let first;
function hash(rounds) {
  return new Promise(function submit(resolve) {
    crypto.pbkdf2('password', 'salt', rounds, 64, 'sha512', () => {
      const done = now();
      first(done);
      resolve({ done });
    });
  });
}

async function shortHash() {
  hashed = new Promise(resolve => { first = resolve; });
  for (const open of longs.splice(0)) open();
  await turn();
  const done = hash(120000);
  for (const open of stats.splice(0)) open();
  return done;
}

async function longHash() {
  await new Promise(open => longs.push(open));
  return hash(480000);
}

async function stat() {
  await new Promise(open => stats.push(open));
  const submitted = now();
  const done = fs.promises.stat(__filename);
  const front = await hashed;
  await done;
  return { queued: front - submitted };
}

const routes = {
  '/window': window, '/late': late, '/block': block, '/short': shortHash, '/long': longHash, '/stat': stat,
  '/waiting': () => ({ waiting: waiting.length + longs.length + stats.length }),
};

const server = http.createServer(async (request, response) => {
  const route = routes[request.url.replace(/\/\d+$/, '')];
  const answer = route ? await route() : {};
  response.end(JSON.stringify(answer));
});
calibrate().then(() => server.listen(Number(process.argv[2]), '127.0.0.1'));
