// server PORT: GET /measure runs everything and answers what V8 says about each stack, as JSON.
import { createServer, type Answer } from 'http';
import { everyLater } from './later.js';
import { everySync } from './shop.js';
import { taken, touch, done, type Touch } from './touch.js';
import { access } from 'fs';

async function measure(): Promise<Touch[]> {
  taken();
  everySync();
  await everyLater();
  access(touch('server'), done);
  return taken();
}

async function answer(response: Answer): Promise<void> {
  const touches = await measure();
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(touches));
}

createServer((_request, response) => {
  answer(response).catch((error: Error) => {
    response.statusCode = 500;
    response.end(String(error.stack));
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
