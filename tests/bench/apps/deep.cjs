'use strict';
// deep.cjs PORT DEPTH: GET /N touches N files, each from a function that was called DEPTH deep.
const fs = require('fs');
const http = require('http');

const depth = Number(process.argv[3]);

// Each a function of its own, so that the compiler does not make one of all.
const chain = [(done) => fs.access('/nonexistent', done)];
for (let i = 1; i <= depth; i++) chain.push(new Function('next', 'done', 'return next(done);').bind(null, chain[i - 1]));
const down = chain[depth];

http.createServer((request, response) => {
  let left = Number(request.url.slice(1));
  const batch = () => {
    let pending = Math.min(left, 100);
    left -= pending;
    if (!pending) return response.end('done');
    for (let n = pending; n > 0; n--) down(() => { if (--pending === 0) setImmediate(batch); });
  };
  batch();
}).listen(Number(process.argv[2]), '127.0.0.1');
