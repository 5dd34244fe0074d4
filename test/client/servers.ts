import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isCanary } from '../../src/api/canary.js';
import type { RunCodeRequest } from '../../src/api/wire.js';

export interface TestServer {
  url: string;
  /** Requests of `/run_code` that came, in their order, without health checks. */
  requests: { body: RunCodeRequest; headers: IncomingMessage['headers'] }[];
  /** Health checks that came. */
  checks: number;
  close(): Promise<void>;
}

type Answer = (response: ServerResponse, body: RunCodeRequest, count: number) => void | Promise<void>;

/** A real HTTP server that answers as it is told, and health checks as a healthy one does unless it is told otherwise. */
export async function answering(
  answer: Answer,
  check: (response: ServerResponse, right: string) => void = (response, right) => void response.end(right),
): Promise<TestServer> {
  const requests: TestServer['requests'] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    // As SandboxFusion, which has no /v1/capacity. A client that went away has sent a part alone.
    if (request.method !== 'POST' || !request.complete) return void response.writeHead(404).end();
    const body = JSON.parse(`${Buffer.concat(chunks)}`) as RunCodeRequest;
    if (isCanary(body)) {
      self.checks += 1;
      check(response, canaryAnswer(body));
      return;
    }
    requests.push({ body, headers: request.headers });
    await answer(response, body, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const self: TestServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    checks: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return self;
}

/** An answer of SandboxFusion about a program that printed `stdout`. */
export function finished(stdout: string, changes: Record<string, unknown> = {}): string {
  const run = {
    status: 'Finished',
    execution_time: 0.01,
    return_code: 0,
    stdout,
    stderr: '',
    ...changes,
  };
  return JSON.stringify({
    status: run.return_code === 0 ? 'Success' : 'Failed',
    message: '',
    compile_result: null,
    run_result: run,
    executor_pod_name: null,
    files: {},
  });
}

/** What a healthy server answers to a canary; `nonce`: what stands in its environment. */
export function canaryAnswer({ stdin }: RunCodeRequest, nonce = ''): string {
  return finished(`${stdin}:${nonce}\n`, { return_code: 7, stderr: 'canary\n' });
}

export const SANDBOX_ERROR = JSON.stringify({
  status: 'SandboxError',
  message: 'exception on running code: no space left on device',
  compile_result: null,
  run_result: null,
  executor_pod_name: null,
  files: {},
});
