import type { IncomingMessage, ServerResponse } from 'node:http';
import { Forward, type ForwardDeps } from './forward.js';
import { pass, say, sayInfra } from './http/answer.js';
import { readBody } from './http/body.js';
import { type JobOptions, jobOf } from './http/jobs.js';
import type { Outcome } from './types.js';

/** What became of one request, for counters and the access log. */
export interface Access {
  method: string;
  /** Without its query, which may hold what is nobody's business. */
  path: string;
  client: string;
  status: number;
  /** `gone`: the client went away. */
  end: Outcome['kind'] | 'too_long' | 'gone';
  /** Why it failed; null where it did not. */
  reason: string | null;
  /** The last endpoint that had it; null for none. */
  endpoint: string | null;
  tries: number;
  /** Seconds in the queue, and in all. */
  waited: number;
  took: number;
}

export interface ProxyOptions extends ForwardDeps, JobOptions {
  /** Bytes of the longest request that is taken. */
  bodyLimit: number;
  /** Called when a request has come. */
  began(): void;
  /** Called once for every request, when its answer is on its way. */
  over(access: Access): void;
}

/** Answers requests with what endpoints answer. */
export class HttpProxy {
  /** Requests under way. */
  underWay = 0;
  private readonly options: ProxyOptions;

  constructor(options: ProxyOptions) {
    this.options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { options } = this;
    const came = options.now();
    this.underWay += 1;
    options.began();
    const body = await readBody(request, options.bodyLimit);
    if (body === null) return this.over(request, came, 0, 'gone', null, undefined);
    if (body === undefined) {
      // What else it sends is not read: the connection cannot be used again.
      response.shouldKeepAlive = false;
      say(response, 413, { detail: 'Request Entity Too Large' });
      return this.over(request, came, 413, 'too_long', null, undefined);
    }
    const job = jobOf(request, body, came, options);
    const forward = new Forward(options, job, (outcome) => {
      response.off('close', gone);
      if (outcome.kind === 'answer') pass(response, job.request.method, outcome.answer);
      else sayInfra(response, outcome.reason);
      const reason = outcome.kind === 'answer' ? null : outcome.reason;
      this.over(request, came, response.statusCode, outcome.kind, reason, forward);
    });
    const gone = () => {
      forward.cancel();
      this.over(request, came, 0, 'gone', null, forward);
    };
    response.on('close', gone);
    forward.start();
  }

  private over(
    { method = '', url = '', socket }: IncomingMessage,
    came: number,
    status: number,
    end: Access['end'],
    reason: string | null,
    forward: Forward | undefined,
  ): void {
    this.underWay -= 1;
    this.options.over({
      method,
      path: url.split('?', 1)[0] ?? '',
      client: socket.remoteAddress ?? '',
      status,
      end,
      reason,
      endpoint: forward?.member?.endpoint.url ?? null,
      tries: forward?.count ?? 0,
      waited: (forward?.waited ?? 0) / 1000,
      took: (this.options.now() - came) / 1000,
    });
  }
}
