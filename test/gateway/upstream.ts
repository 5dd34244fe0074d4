import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { isCanary } from '../../src/api/canary.js';
import type { Capacity, RunCodeRequest } from '../../src/api/wire.js';
import { canaryAnswer, finished } from '../client/servers.js';

export interface Came {
  request: IncomingMessage;
  response: ServerResponse;
  /** Of `/run_code` the parsed one. */
  run: RunCodeRequest;
  /** How many came before, canaries not counted. */
  index: number;
}

export interface Upstream {
  url: string;
  /** Runs that came, canaries not counted. */
  runs: number;
  canaries: number;
  /** Runs under way now, and the most there ever were. */
  inFlight: number;
  most: number;
  connections: number;
  close(): Promise<void>;
}

/** A real server that answers canaries as SandboxFusion does, and everything else as it is told. */
export async function upstream(
  answer: (came: Came) => void | Promise<void> = ({ response }) => ok(response),
  canary: (response: ServerResponse, right: string) => void = (response, right) => void response.end(right),
  capacity?: Capacity,
): Promise<Upstream> {
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = `${Buffer.concat(chunks)}`;
    const run =
      request.url === '/run_code' && text.startsWith('{') ? (JSON.parse(text) as RunCodeRequest) : null;
    if (run !== null && isCanary(run)) {
      self.canaries += 1;
      canary(response, canaryAnswer(run));
      return;
    }
    if (request.url === '/v1/capacity') {
      if (capacity === undefined) response.writeHead(404).end('{"detail":"Not Found"}');
      else response.end(JSON.stringify(capacity));
      return;
    }
    const index = self.runs;
    self.runs += 1;
    self.inFlight += 1;
    self.most = Math.max(self.most, self.inFlight);
    response.on('close', () => {
      self.inFlight -= 1;
    });
    await answer({ request, response, run: run ?? ({} as RunCodeRequest), index });
  });
  server.on('connection', (socket) => {
    self.connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const self: Upstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ runs: 0, canaries: 0, inFlight: 0, most: 0, connections: 0 },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return self;
}

export function ok(response: ServerResponse, stdout = 'hello\n'): void {
  response.setHeader('content-type', 'application/json');
  response.end(finished(stdout));
}
