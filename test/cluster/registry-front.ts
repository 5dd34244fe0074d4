import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  method: string;
  path: string;
  status: number;
}

export interface Auth {
  /** basic: asked for on every request. bearer: Docker Hub's way, a token from /token for whoever asks. */
  kind: 'basic' | 'bearer';
  user: string;
  password: string;
  /** bearer only: an anonymous token opens the image, as on Docker Hub for public ones. */
  public?: boolean;
}

export interface Fault {
  /** Which requests: tested on `METHOD /path`. */
  match: RegExp;
  /** Answer this instead of the registry. */
  status?: number;
  body?: string;
  headers?: Record<string, string>;
  /** Or pass the registry's answer on damaged: cut after half, one byte flipped, or stopped after half for ever. */
  damage?: 'truncate' | 'corrupt' | 'stall';
  /** How often it happens; for ever by default. */
  times?: number;
}

export interface Front {
  host: string;
  requests: Asked[];
  fail(faults: readonly Fault[]): void;
  stop(): Promise<void>;
}

/** A proxy before the registry at `inner` that wants credentials and breaks on demand. */
export async function startFront(
  inner: string,
  auth: Auth | undefined,
  initial: readonly Fault[],
): Promise<Front> {
  let faults = initial.map((fault) => ({ ...fault }));
  const requests: Asked[] = [];
  const server = createServer((ask, answer) => {
    const asked = `${ask.method} ${ask.url}`;
    answer.on('close', () =>
      requests.push({ method: ask.method ?? '', path: ask.url ?? '', status: answer.statusCode }),
    );
    const fault = faults.find(({ match, times }) => match.test(asked) && times !== 0);
    if (fault?.times !== undefined) fault.times -= 1;
    if (fault?.status !== undefined) {
      answer.writeHead(fault.status, { 'content-type': 'text/html', ...fault.headers }).end(fault.body ?? '');
    } else if (auth && !authorized(auth, ask, answer)) {
      return;
    } else {
      forward(inner, ask, answer, fault?.damage);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail(next) {
      faults = next.map((fault) => ({ ...fault }));
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** True when the request may pass; else it has been answered. */
function authorized(auth: Auth, ask: IncomingMessage, answer: ServerResponse): boolean {
  const given = ask.headers.authorization;
  const basic = `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`;
  if (auth.kind === 'bearer' && ask.url?.startsWith('/token')) {
    if (given !== undefined && given !== basic) refuse(answer);
    else
      answer
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ token: token(given) }));
    return false;
  }
  if (auth.kind === 'basic') {
    if (given === basic) return true;
    refuse(answer, 'Basic realm="Registry Realm"');
    return false;
  }
  if (given === `Bearer ${token(basic)}` || (auth.public && given === `Bearer ${token(undefined)}`))
    return true;
  const name = /^\/v2\/(.+)\/(manifests|blobs)\//.exec(ask.url ?? '')?.[1] ?? '';
  const realm = `http://${ask.headers.host}/token`;
  refuse(answer, `Bearer realm="${realm}",service="registry.test",scope="repository:${name}:pull"`);
  return false;
}

function token(credentials: string | undefined): string {
  return credentials === undefined ? 'anonymous' : 'known';
}

function refuse(answer: ServerResponse, challenge?: string): void {
  const body = JSON.stringify({
    errors: [{ code: 'UNAUTHORIZED', message: 'authentication required', detail: null }],
  });
  const headers = challenge ? { 'www-authenticate': challenge } : {};
  answer.writeHead(401, { 'content-type': 'application/json', ...headers }).end(body);
}

function forward(inner: string, ask: IncomingMessage, answer: ServerResponse, damage: Fault['damage']): void {
  const onward = request(`http://${inner}${ask.url}`, {
    method: ask.method,
    headers: { ...ask.headers, host: inner },
  });
  onward.on('error', () => answer.destroy());
  onward.on('response', (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    if (!damage || ask.method === 'HEAD') return void reply.pipe(answer);
    const chunks: Buffer[] = [];
    reply.on('data', (chunk: Buffer) => chunks.push(chunk));
    reply.on('end', () => send(answer, Buffer.concat(chunks), damage));
  });
  ask.pipe(onward);
}

function send(answer: ServerResponse, body: Buffer, damage: NonNullable<Fault['damage']>): void {
  const half = Math.floor(body.length / 2);
  if (damage === 'corrupt') {
    body.writeUInt8(body.readUInt8(body.length - 1) ^ 1, body.length - 1);
    answer.end(body);
  } else if (damage === 'stall') {
    answer.write(body.subarray(0, half));
  } else {
    answer.write(body.subarray(0, half), () => answer.socket?.destroySoon());
  }
}
