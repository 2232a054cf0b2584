// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// Synchronous code of many shapes, each of which ends in fs.access().
'use strict';

const fs = require('fs');
const { note, done } = require('./truth.js');

function leaf() {
  fs.access(note(), done);
}

function middle(n) {
  const x = n + 1;
  leaf();
  return x;
}

function outer() {
  return middle(1) +
    middle(2);
}

function makeClosure(prefix) {
  let count = 0;
  return function closure(n) {
    count += n;
    const arrow = () => {
      fs.access(note(), done); return prefix + count;
    };
    return arrow();
  };
}
const closure = makeClosure('x');

class Base {
  constructor(quiet) {
    this.quiet = quiet;
    if (!quiet)
      fs.access(note(), done);
  }

  method() {
    leaf();
    return this;
  }

  #hidden() {
    leaf();
    return 1;
  }

  callHidden() {
    return this.#hidden();
  }

  static lazily() {
    return class Lazy {
      static made = middle(1);
      static { leaf(); }
    };
  }

  static make() {
    return new Derived(false);
  }

  get value() {
    leaf();
    return 1;
  }

  set value(v) {
    middle(v);
  }
}

class Derived extends Base {
  field = (() => { if (!this.quiet) leaf(); return 1; })();

  constructor(quiet) {
    super(quiet);
    if (!quiet) middle(2);
  }

  method() {
    super.method();
    return this;
  }
}

const literal = {
  shorthand() { leaf(); },
  arrow: () => { leaf(); },
  named: function inside() { leaf(); },
  get property() {
    leaf();
    return 2;
  },
  async asynchronous() {
    leaf();
  },
};

function Old(name) {
  this.name = name;
  leaf();
}
Old.prototype.act = function () {
  leaf();
};

function* generator(n) {
  for (let i = 0; i < n; i++) {
    leaf();
    yield i;
  }
}

function builtins() {
  [1, 2].map((x) => { leaf(); return x; });
  [1].forEach(function each() { leaf(); });
  [3, 1].sort((a, b) => { middle(1); return a - b; });
  [1, 2].reduce((sum, x) => {
    leaf();
    return sum + x;
  }, 0);
  'a'.replace(/a/, () => { leaf(); return ''; });
  Reflect.apply(middle, null, [1]);
  middle.call(null, 1);
  middle.apply(null, [1]);
  middle.bind(null, 1)();
  new Map([[1, 2]]).forEach(() => leaf());
  JSON.stringify({ toJSON() { leaf(); return 1; } });
  new Proxy({}, { get(target, key) { leaf(); return key; } }).anything;
  return Array.from([1], (x) => middle(x));
}

function recursive(n) {
  if (n === 0) {
    fs.access(note(), done);
    return 0;
  }
  return 1 + recursive(n - 1);
}

function statements(kind) {
  try {
    if (kind > 5) throw new TypeError('no');
    switch (kind) {
    case 1:
      leaf();
      break;
    case 2: {
      const { a = middle(3) } = {};
      return a;
    }
    default:
      middle(
        Math.max(
          1,
          middle(2),
        ),
      );
    }
  } catch (error) {
    leaf();
  } finally {
    fs.access(note(), done);
  }
  return kind;
}

// A function whose context is too large for its names to stand in its ScopeInfo.
const crowdedSource = `(function crowded(leaf) {
  ${Array.from({ length: 90 }, (_, i) => `let v${i} = ${i};`).join('\n  ')}
  function user() { return ${Array.from({ length: 90 }, (_, i) => `v${i}++`).join(' + ')}; }
  leaf();
  return user();
})`;
const crowded = require('vm').runInThisContext(crowdedSource, {
  filename: require('path').join(__dirname, 'crowded.js'), lineOffset: 100, columnOffset: 7,
});

function hop1() { leaf(); return 1; }
function hop2() { const x = hop1(); return x + 1; }
function hop3(n) {
  let x = 0;
  if (n) {
    x = hop2();
  }
  return x + 1;
}

// Small functions called from loops and branches, so that they are compiled into this one.
function inlining(list) {
  let total = 0;
  for (const x of list) {
    total += hop1();
    if (x > 1) {
      total +=
        hop2();
    }
  }
  for (let i = 0; i < list.length; i++) {
    const y = list[i];
    total += y;
    hop3(
      y,
    );
    while (total < 0)
      hop1();
  }
  let n = 2;
  do {
    n--;
    if (n === 0)
      hop1();
    else
      total += hop2();
  } while (n > 0);
  list.forEach((x) => {
    if (x)
      hop1();
  });
  return total;
}

// Runs long enough in one call to be replaced by optimised code in the middle.
function loop() {
  let total = 0;
  for (let i = 0; i < 400; i++) {
    total += hop3(i & 1 ? 0 : i);
    for (let j = 0; j < 50; j++) total += j ^ i;
    i += 99;
  }
  for (let i = 0; i < 30000; i++) {
    total = (total + i * 3) | 0;
    if (i % 10000 === 9999)
      fs.access(note(), done);
  }
  return total;
}

function plain() {
  leaf();
  outer();
  closure(1);
  const base = new Base(true);
  base.method();
  base.callHidden();
  base.value = base.value;
  Base.make();
  Base.lazily();
  new Derived(true).method();
  literal.shorthand();
  literal.arrow();
  literal.named();
  literal.property;
  literal.asynchronous();
  new Old('x').act();
  for (const n of generator(2)) middle(n);
  builtins();
  recursive(12);
  for (let kind = 1; kind <= 6; kind += 1) statements(kind);
  crowded(leaf);
  hop3(1);
  inlining([1, 2]);
  loop();
}

module.exports = { plain, leaf, middle };
