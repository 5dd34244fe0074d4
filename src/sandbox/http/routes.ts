import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { clientTimeoutSeconds } from '../../api/client-timeout.js';
import { identify, SERVER_IDENTITY } from '../../api/identity.js';
import { decodeJson } from '../../api/json.js';
import { parseRequestInSlices, type RunRequest } from '../../api/request.js';
import { requestHeader } from '../../api/verdict.js';
import { faultOf, type RunCodeResponse } from '../../api/wire.js';
import { Bodies } from '../../http/bodies.js';
import type { Transfers } from '../../http/transfers.js';
import { nextTurn } from '../../http/write.js';
import { Refused } from '../queue/queue.js';
import { sandboxError } from '../respond.js';
import type { Sandbox } from '../sandbox.js';
import { readSubmission, SubmissionFault } from '../submit/submission.js';
import { judgeSubmission } from '../submit/submit.js';
import { ClientTimedOut, SandboxFailure } from '../types.js';
import { type Answer, infraAnswer } from './answer.js';
import type { Metrics } from './metrics.js';

export type Handler = (request: IncomingMessage, signal: AbortSignal) => Promise<Answer> | Answer;

export type Routes = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

/** The recorded server has these routes; this one runs programs, no notebooks or data sets. */
const ABSENT = {
  '/run_jupyter': 'POST',
  '/list_datasets': 'GET',
  '/list_ids': 'POST',
  '/get_prompts': 'POST',
  '/get_prompt_by_id': 'POST',
  '/get_metrics': 'POST',
  '/get_metrics_function': 'POST',
};

const PAGE = `<!DOCTYPE html>
<html lang="en"><head><meta charset="UTF-8"><title>sandboxctl serve</title></head>
<body><p>A code-execution sandbox. POST programs to <code>/run_code</code>;
<a href="v1/languages">languages</a>, <a href="metrics">metrics</a>.</p></body></html>
`;

/** Bytes of a request; base64 and JSON make a file of 190 MB this long. */
const BODY_CAP = 256 * 2 ** 20;

export function routesOf(
  sandbox: Sandbox,
  metrics: Metrics,
  transfers: Transfers,
  secret: string | null = null,
): Routes {
  const absent = Object.entries(ABSENT).map(([path, method]) => [path, { [method]: () => notHere(path) }]);
  const bodies = new Bodies(transfers, BODY_CAP);
  return {
    ...Object.fromEntries(absent),
    '/': {
      GET: () => ({ status: 200, text: PAGE, headers: { 'content-type': 'text/html; charset=utf-8' } }),
    },
    '/v1/ping': { GET: () => ({ status: 200, body: 'pong' }) },
    [SERVER_IDENTITY]: {
      GET: ({ url = '', socket }) => identify(secret, url, socket.localPort),
    },
    '/v1/languages': { GET: () => ({ status: 200, body: { languages: sandbox.languages } }) },
    '/v1/capacity': { GET: () => ({ status: 200, body: sandbox.capacity }) },
    '/metrics': { GET: async () => ({ status: 200, ...(await metrics.page()) }) },
    '/run_code': {
      POST: (request, signal) => bodies.with(request, (body) => runCode(sandbox, request, body, signal)),
    },
    '/submit': {
      POST: (request, signal) => bodies.with(request, (body) => submit(sandbox, request, body, signal)),
    },
  };
}

/** Seconds: the SDK of SandboxFusion waits for a judgement for ever. */
const SUBMIT_TIMEOUT_S = 3600;

async function submit(
  sandbox: Sandbox,
  { headers }: IncomingMessage,
  body: Buffer | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  if (body === undefined) return { status: 413, body: { detail: 'Request Entity Too Large' } };
  try {
    const submission = readSubmission(decodedJson(body));
    const clientTimeout = (run: RunRequest) => Math.max(SUBMIT_TIMEOUT_S, clientTimeoutSeconds(run, headers));
    const answer = await judgeSubmission(submission, (run) => sandbox.run(run, clientTimeout(run), signal));
    return { status: 200, body: answer };
  } catch (error) {
    if (!(error instanceof SubmissionFault)) throw error;
    return { status: error.status, body: { detail: error.message }, headers: requestHeader(error.message) };
  }
}

function decodedJson(body: Buffer): unknown {
  const decoded = isUtf8(body) ? decodeJson(body.toString('utf8')) : undefined;
  return decoded?.ok ? decoded.value : undefined;
}

function notHere(path: string): Answer {
  return {
    status: 404,
    body: { detail: `${path} is not part of this server: it has /run_code (docs/compatibility.md)` },
  };
}

async function runCode(
  sandbox: Sandbox,
  request: IncomingMessage,
  body: Buffer | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  if (body === undefined) return { status: 413, body: { detail: 'Request Entity Too Large' } };
  // As the recorded server's framework: what is no text is no JSON, and must not be mended in silence.
  if (!isUtf8(body)) return { status: 400, body: { detail: 'There was an error parsing the body' } };
  const parsed = await parseRequestInSlices(body, request.headers['content-type'], nextTurn);
  if (!parsed.ok) return { status: 422, body: { detail: parsed.detail } };
  const clientTimeout = clientTimeoutSeconds(parsed.request, request.headers);
  try {
    const answer = await sandbox.run(parsed.request, clientTimeout, signal);
    return { status: 200, body: answer, headers: faultHeader(answer) };
  } catch (error) {
    if (error instanceof Refused || error instanceof ClientTimedOut)
      return infraAnswer(504, { detail: error.message }, error.message);
    if (error instanceof SandboxFailure) return infraAnswer(200, sandboxError(error.message), error.message);
    throw error;
  }
}

function faultHeader(answer: RunCodeResponse): Record<string, string> {
  const fault = faultOf(answer);
  return fault?.fault === 'request' ? requestHeader(fault.reason ?? answer.message) : {};
}
