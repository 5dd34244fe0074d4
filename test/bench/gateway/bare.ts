import { createServer } from 'node:http';
import { isCanary } from '../../../src/api/canary.js';
import type { RunCodeRequest } from '../../../src/api/wire.js';
import { canaryAnswer } from '../../client/servers.js';
import { answerTo } from '../../gateway/stubs/upstream.js';

/** A node:http server that reads a request and answers it MS milliseconds later: `bare.ts PORT [MS]`. */
const [port, ms = 0] = process.argv.slice(2).map(Number);
const HELLO = 'print("hello")';
const ANSWER = answerTo(HELLO);

createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const text = body.includes('hello') || body.length === 0 ? ANSWER : canary(body);
    const answer = () => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      });
      response.end(text);
    };
    if (ms === 0) answer();
    else setTimeout(answer, ms);
  });
}).listen(port, '127.0.0.1');

function canary(body: Buffer): string {
  const run = JSON.parse(body.toString()) as RunCodeRequest;
  return isCanary(run) ? canaryAnswer(run) : answerTo(run.code);
}
