// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// Ways to wait for what touches a file.
'use strict';

const { EventEmitter, once } = require('events');
const fs = require('fs');
const { promisify } = require('util');
const { touch } = require('./truth.js');

const tick = () => new Promise(setImmediate);
const access = promisify(fs.access);

async function leaf(tag) {
  touch(tag); // nobody waits yet
  await tick();
  touch(tag);
  await null; touch(tag);
}

async function middle(tag) {
  const x = await leaf(tag);
  return x;
}

async function chain() {
  await middle('chain');
  await
    middle('chain');
  return middle('chain'); // waits, but not in this function
}

async function deep(n) {
  if (n) return await deep(n - 1);
  await tick();
  touch('deep');
}

async function element(n) {
  for (let i = 0; i < n; i++) await tick();
  touch(`element${n}`);
  return n;
}

async function combinators() {
  await Promise.all([element(1), element(2), element(3)]);
  await Promise.all([element(1)].map(async (p) => { await p; touch('mapped'); }));
  await Promise.allSettled([element(1), element(3), failing(2)]);
  await Promise.race([element(1), element(4)]);
  await Promise.any([failing(1), element(2)]);
  await Promise.any([failing(1), failing(3)]).catch(() => touch('any'));
  await Promise.all([Promise.all([element(2), null]), element(1)]);
  await tick();
  await tick();
  await tick();
}

async function failing(n) {
  for (let i = 0; i < n; i++) await tick();
  touch(`failing${n}`);
  throw new RangeError('no');
}

async function rejections() {
  try {
    await failing(1);
  } catch (error) {
    touch('caught');
    await leaf('caught');
  } finally {
    await tick();
    touch('finally');
  }
  await failing(1).catch(() => {
    touch('catch');
  });
  await failing(1).then(null, async () => {
    await leaf('handled');
  });
  await leaf('final').finally(() => touch('finally'));
  await Promise.reject(new Error('x')).catch(async function rescue() {
    await tick();
    touch('rescue');
  });
}

class Service {
  constructor() {
    this.calls = 0;
  }

  async load() {
    await this.#hidden();
    return Service.make();
  }

  async #hidden() {
    await leaf('private');
  }

  static async make() {
    await leaf('static');
    touch('static');
  }

  async *rows() {
    for (let i = 0; i < 2; i++) {
      await leaf('rows');
      yield i;
    }
  }
}

const literal = {
  async method() { await leaf('method'); },
  arrow: async () => { await leaf('arrow-property'); },
};

async function methods() {
  await new Service().load();
  await literal.method();
  await literal.arrow();
  await (async () => {
    await leaf('anonymous');
  })();
  await (async function named() { await leaf('named'); })();
}

async function* numbers() {
  touch('generator');
  yield 1;
  await tick();
  touch('generator');
  yield 2;
  await leaf('generator');
  try {
    yield 3;
  } finally {
    await leaf('closing');
  }
}

async function* delegating() {
  yield* numbers();
  touch('delegating');
}

async function consume(iterable) {
  for await (const n of iterable) {
    touch('consume');
    if (n === 2) await leaf('consume');
  }
}

async function generators() {
  await consume(numbers());
  await consume(delegating());
  await consume(new Service().rows());
  await consume([tick(), 2, element(1)]);
  for await (const n of numbers()) {
    if (n === 3) break;
  }
  const iterator = numbers();
  await iterator.next();
  await iterator.next();
  await Promise.all([iterator.next(), iterator.return()]);
}

async function callbacks() {
  await tick().then(function onTick() {
    touch('then');
  });
  await tick().then(() => tick()).then(() => touch('then2')).then(() => leaf('then3'));
  await new Promise((resolve) => {
    setImmediate(() => {
      touch('executor'); // nobody waits as far as V8 knows
      leaf('executor').then(resolve);
    });
  });
  await new Promise((resolve, reject) => leaf('wrapped').then(resolve, reject));
  await { then(resolve) { touch('thenable'); resolve(1); } };
  await leaf('same').then((x) => x, (x) => x);
  await new Promise((resolve) => queueMicrotask(() => { touch('microtask'); resolve(); }));
  await new Promise((resolve) => process.nextTick(() => { touch('tick'); resolve(); }));
}

// Two wait for the same: V8 follows neither.
async function shared() {
  const both = leaf('shared');
  await Promise.all([(async () => { await both; touch('first'); })(),
    (async () => { await both; touch('second'); })()]);
}

class Special extends Promise {}

async function others() {
  const emitter = new EventEmitter();
  setImmediate(() => emitter.emit('ready'));
  await once(emitter, 'ready');
  touch('once');
  await access('/').then(() => touch('promisified'));
  await fs.promises.readFile(__filename);
  touch('file');
  await Special.resolve(tick()).then(() => touch('special'));
  await new Special((resolve) => leaf('subclass').then(resolve));
}

// Objects of V8's in variables of closures: no context of these is one of an await.
async function decoys() {
  const iterator = numbers();
  const waiting = tick();
  await tick().then(() => { void iterator; void waiting; touch('decoy'); });
  await tick().then(async () => {
    await waiting;
    void iterator;
    touch('decoy');
  });
  const promise = leaf('unwaited');
  await tick().then(() => { void promise; return leaf('decoy'); });
}

async function loops() {
  for (let i = 0; i < 3; i++) {
    if (i & 1)
      await leaf('odd');
    else
      await leaf('even');
  }
  let n = 2;
  while (n--)
    await Promise.all([leaf(`all${n}`)]);
  const [a, b] = [await element(1), await element(2)];
  return `${await element(a)} ${
    await element(b)}`;
}

async function patterns() {
  await chain();
  await deep(10);
  await combinators();
  await rejections();
  await methods();
  await generators();
  await callbacks();
  await shared();
  await others();
  await decoys();
  await loops();
}

module.exports = { patterns };
