import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { parseRequest } from '../api/request.js';
import { INFRA_HEADER } from '../api/verdict.js';
import { messageOf } from '../errors.js';
import { Refused } from './queue.js';
import { sandboxError } from './respond.js';
import type { Sandbox } from './sandbox.js';
import { SandboxFailure } from './types.js';

/** Bytes of a request. Base64 and JSON make a file of 190 MB this long. */
const BODY_CAP = 256 * 2 ** 20;

interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

type Handler = (request: IncomingMessage, signal: AbortSignal) => Promise<Answer>;

/** The HTTP of the sandbox; not listening yet. */
export function httpServer(sandbox: Sandbox): Server {
  const routes: Record<string, Record<string, Handler>> = {
    '/v1/ping': { GET: async () => ({ status: 200, body: 'pong' }) },
    '/v1/languages': { GET: async () => ({ status: 200, body: { languages: sandbox.languages } }) },
    '/run_code': { POST: (request, signal) => runCode(sandbox, request, signal) },
  };
  const server = createServer((request, response) => {
    serve(routes, request, response).catch((error) => {
      send(response, { status: 500, body: { detail: messageOf(error), traceback: [] } });
    });
  });
  // Longer than the pools of clients keep a connection, so that they are the ones who close it.
  server.keepAliveTimeout = 75_000;
  return server;
}

async function serve(
  routes: Readonly<Record<string, Record<string, Handler>>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (methods === undefined) return send(response, { status: 404, body: { detail: 'Not Found' } });
  const handler = methods[request.method ?? ''];
  if (handler === undefined) return send(response, { status: 405, body: { detail: 'Method Not Allowed' } });
  const gone = new AbortController();
  response.on('close', () => gone.abort(new Error('the client hung up')));
  try {
    send(response, await handler(request, gone.signal));
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

async function runCode(sandbox: Sandbox, request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
  const body = await readBody(request);
  if (body === undefined) return { status: 413, body: { detail: 'Request Entity Too Large' } };
  const parsed = parseRequest(body, request.headers['content-type']);
  if (!parsed.ok) return { status: 422, body: { detail: parsed.detail } };
  try {
    return { status: 200, body: await sandbox.run(parsed.request, signal) };
  } catch (error) {
    if (error instanceof Refused) return infra(504, { detail: error.message }, error.message);
    if (error instanceof SandboxFailure) return infra(200, sandboxError(error.message), error.message);
    throw error;
  }
}

function infra(status: number, body: unknown, reason: string): Answer {
  return { status, body, headers: { [INFRA_HEADER]: headerText(reason) } };
}

/** What may stand in a header's value. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= BODY_CAP) chunks.push(chunk);
  }
  return length > BODY_CAP ? undefined : Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json',
    'content-length': bytes.length,
  });
  response.end(bytes);
}
