import { onTestFinished } from 'vitest';
import { type Gateway, type GatewayOptions, startGateway } from '../../src/gateway/gateway.js';
import type { GatewayEndpoint } from '../../src/gateway/types.js';

/** A list of endpoints that a test changes as it likes. */
export class Listing implements AsyncIterable<GatewayEndpoint[]> {
  private wake: (() => void) | undefined;
  private ended = false;
  private next: GatewayEndpoint[] | undefined;

  constructor(urls: readonly string[], limit = 16) {
    this.set(urls, limit);
  }

  set(urls: readonly string[], limit = 16): void {
    this.replace(urls.map((url) => ({ url, limit, nonce: null, node: null, jobId: null })));
  }

  replace(endpoints: GatewayEndpoint[]): void {
    this.next = endpoints;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<GatewayEndpoint[]> {
    while (!this.ended) {
      const { next } = this;
      this.next = undefined;
      if (next !== undefined) yield next;
      if (this.next === undefined) await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  end(): void {
    this.ended = true;
    this.wake?.();
  }
}

export interface Started extends Gateway {
  listing: Listing;
  said: string[];
  run(body?: object | string, init?: RequestInit): Promise<Response>;
}

type Options = Partial<GatewayOptions> & { limit?: number };

/** A gateway in this process, closed when the test is over. */
export async function gatewayFor(urls: readonly string[], options: Options = {}): Promise<Started> {
  const gateway = await startFor(urls, options);
  onTestFinished(() => gateway.stop());
  return gateway;
}

export async function startFor(
  urls: readonly string[],
  options: Options = {},
): Promise<Started & { stop(): Promise<void> }> {
  const listing = new Listing(urls, options.limit);
  const said: string[] = [];
  const gateway = await startGateway({
    ...{ host: '127.0.0.1', port: 0, endpoints: listing, token: null, endpointToken: null },
    ...{ bodyLimit: 2 ** 20, defaultLimit: 16, maxQueue: 1000, maxClientTimeout: 60, tries: 4 },
    ...{
      verify: 'failures',
      canaryEvery: 1,
      canaryTimeout: 1,
      workers: 1,
      shared: false,
      accessLog: null,
      nonce: null,
      page: null,
    },
    onLog: (line) => said.push(line),
    ...options,
  });
  return {
    ...gateway,
    stop: async () => {
      listing.end();
      await gateway.close(0);
    },
    listing,
    said,
    run: (body = PROGRAM, init = {}) =>
      fetch(`${gateway.url}/run_code`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...init,
      }),
  };
}

export const PROGRAM = { code: 'print("hello")', language: 'python', compile_timeout: 10, run_timeout: 10 };
