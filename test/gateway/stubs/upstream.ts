import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { isCanary } from '../../../src/api/canary.js';
import type { RunCodeRequest } from '../../../src/api/wire.js';
import { canaryAnswer } from '../../client/servers.js';

/**
 * How a run goes wrong. `silent`: no answer ever, while pings are answered (a wedged server). `slow`: right,
 * but `slowMs` later. `half`: the head and half of the body, then the end of the connection. `nothing`: the
 * connection ends before a byte. `failed`, `timed-out`, `no-output`, `no-interpreter`: what it says of every program.
 * `overtime`: the same as `timed-out`, once the time is up. `killed`: its job ends, also the programs under way. A number is an HTTP status.
 */
export type Mischief =
  | ('sandbox-error' | 'garbage' | 'half' | 'nothing' | 'reset' | 'silent' | 'slow' | 'not-json')
  | ('failed' | 'timed-out' | 'overtime' | 'no-output' | 'no-interpreter' | 'killed')
  | number;

export interface Behaviour {
  mischief: Mischief | null;
  /** Only every n-th run goes wrong; 1 by default. Canaries are counted with the others. */
  every?: number;
  /** Whether canaries are answered rightly all the same, and not counted. */
  sparesCanaries?: boolean;
  slowMs?: number;
  /** Milliseconds that a health check takes. */
  canaryMs?: number;
}

export interface UpstreamOptions extends Partial<Behaviour> {
  host?: string;
  port?: number;
  /** What a canary finds in its environment. */
  nonce?: string;
  /** Milliseconds of each run that does not say `# ms=N` itself. */
  runMs?: number;
  /** How many times faster than the machine's its clock is. */
  scale?: number;
  /** Called when a program begins, with their number so far. */
  onRun?(count: number): void;
}

export interface Counts {
  /** Answered programs, canaries left out. */
  runs: number;
  canaries: number;
  /** Programs under way now, and the most that ever were. A caller that goes away ends none of them, as on the real server. */
  inFlight: number;
  most: number;
  connections: number;
  /** How often each program was begun, by its code. */
  began: Record<string, number>;
}

export interface Upstream {
  url: string;
  counts(): Promise<Counts>;
  behave(behaviour: Behaviour): Promise<void>;
  /** No new connections, and those that are there end: a server that was killed. */
  close(): Promise<void>;
}

/**
 * A stub of SandboxFusion that runs nothing: of a program it reads `print("TEXT")`, `exit(N)`, and what
 * comments say: `# ms=N` how long it takes, `# timeout` that it is ended for that.
 */
export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const counts: Counts = { runs: 0, canaries: 0, inFlight: 0, most: 0, connections: 0, began: {} };
  let behaviour: Behaviour = { mischief: null, ...options };
  let calls = 0;
  let begun = 0;
  const { scale = 1 } = options;
  const server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.on('connection', () => {
    counts.connections += 1;
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    if (request.url === '/v1/ping') return send(response, 200, '"pong"');
    if (request.url?.split('?')[0] !== '/run_code' || request.method !== 'POST') {
      return send(response, 404, '{"detail":"Not Found"}');
    }
    const run = JSON.parse(body) as RunCodeRequest;
    const { code } = run;
    const canary = isCanary(run) || isPythonCanary(code);
    const { mischief, every = 1, slowMs = 1_000, sparesCanaries = false } = behaviour;
    const spared = canary && sparesCanaries;
    if (!spared) calls += 1;
    const wrong = mischief !== null && !spared && calls % every === 0 ? mischief : null;
    if (canary) counts.canaries += 1;
    else begin(code);
    if (wrong === 'silent') {
      // Nothing runs there: it counts for as long as somebody waits for it.
      if (!canary) response.once('close', () => (counts.inFlight -= 1));
      return;
    }
    const overtime = wrong === 'overtime' && !canary ? ((run.run_timeout ?? 10) * 1000) / scale : 0;
    const usual = canary ? (behaviour.canaryMs ?? 0) : msOf(code, options.runMs ?? 0);
    await pause(usual + overtime + (wrong === 'slow' ? slowMs : 0));
    if (!canary) {
      counts.inFlight -= 1;
      counts.runs += 1;
    }
    answer(
      response,
      behaviour.mischief === 'killed' && !canary ? 'killed' : wrong,
      canary ? canaryOf(run) : answerTo(code),
    );
  }

  function canaryOf(run: RunCodeRequest): string {
    if (!isPythonCanary(run.code)) return canaryAnswer(run, options.nonce);
    return runAnswer({ return_code: 3, stdout: `${run.stdin}\n`, stderr: 'e\n' });
  }

  function begin(code: string): void {
    counts.inFlight += 1;
    counts.most = Math.max(counts.most, counts.inFlight);
    counts.began[code] = (counts.began[code] ?? 0) + 1;
    begun += 1;
    options.onRun?.(begun);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: async () => structuredClone(counts),
    behave: async (next) => {
      behaviour = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, wrong: Mischief | null, body: string): void {
  const socket = response.socket as Socket;
  if (typeof wrong === 'number') send(response, wrong, `{"detail":"the stub says ${wrong}"}`);
  else if (wrong === 'sandbox-error') send(response, 200, SANDBOX_ERROR);
  else if (typeof wrong === 'string' && wrong in SAID) send(response, 200, SAID[wrong] ?? '');
  else if (wrong === 'not-json') send(response, 200, '<html>It works!</html>');
  else if (wrong === 'garbage') socket.end('\u0000\u0001 this is no HTTP\r\n\r\n');
  else if (wrong === 'half') socket.end(`${head(body)}${body.slice(0, body.length / 2)}`);
  else if (wrong === 'nothing') socket.end();
  else if (wrong === 'reset') socket.resetAndDestroy();
  else send(response, 200, body);
}

function head(body: string): string {
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    server: 'uvicorn',
  });
  response.end(body);
}

function msOf(code: string, otherwise: number): number {
  return Number(/# ms=(\d+)/.exec(code)?.[1] ?? otherwise);
}

/** The health check of the Python module. */
const isPythonCanary = (code: string) => code.includes('sys.exit(3)');

/** What a right answer to a program is: tests compare with it. */
export function answerTo(code: string): string {
  const stdout = Array.from(code.matchAll(/print\("(.*?)"\)/g), ([, text]) => `${text}\n`).join('');
  if (code.includes('# timeout')) {
    return runAnswer({ status: 'TimeLimitExceeded', return_code: null, stdout });
  }
  return runAnswer({ return_code: Number(/exit\((\d+)\)/.exec(code)?.[1] ?? 0), stdout });
}

function runAnswer(changes: Record<string, unknown>): string {
  const run = {
    ...{ status: 'Finished', execution_time: 0.01, return_code: 0, stdout: '', stderr: '' },
    ...changes,
  };
  const status = run.return_code === 0 ? 'Success' : 'Failed';
  return wire({ status, message: '', run_result: run });
}

const SANDBOX_ERROR = wire({
  status: 'SandboxError',
  message: 'exception on running code: no space left on device',
  run_result: null,
});

const TIMED_OUT = runAnswer({ status: 'TimeLimitExceeded', return_code: null });

/** What a broken server says of every program. */
const SAID: Readonly<Record<string, string>> = {
  failed: runAnswer({ return_code: 1, stderr: 'OSError: [Errno 5] Input/output error' }),
  'timed-out': TIMED_OUT,
  overtime: TIMED_OUT,
  'no-output': runAnswer({}),
  killed: runAnswer({ return_code: -15 }),
  'no-interpreter': runAnswer({
    return_code: 127,
    stderr: '/bin/bash: line 1: python: command not found\n',
  }),
};

function wire(parts: { status: string; message: string; run_result: unknown }): string {
  return JSON.stringify({
    ...{ status: parts.status, message: parts.message, compile_result: null, run_result: parts.run_result },
    ...{ executor_pod_name: null, files: {} },
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function pause(ms: number): Promise<void> | undefined {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined;
}
