import { isCompiled } from './languages.js';
import type { RunRequest } from './request.js';

/** With this header a client says how many seconds it waits for the response. */
export const CLIENT_TIMEOUT_HEADER = 'x-sandboxctl-patience';
export const RESPONSE_MARGIN_S = 0.25;

export type Headers = Readonly<Record<string, string | string[] | undefined>>;
type Times = Pick<RunRequest, 'compileTimeout' | 'runTimeout' | 'sent' | 'language'>;

interface Client {
  name: string;
  matches(sent: ReadonlySet<string>, headers: Headers): boolean;
  waits(times: Times): number;
}

/** Recognized by their requests, first match wins; timeouts from their sources (November 2026). */
const CLIENTS: readonly Client[] = [
  {
    // 90 s in all, but 30 s without a byte end it, and a response begins when the program has ended.
    name: 'ROLL',
    matches: (sent, headers) => headers['eagleeye-traceid'] !== undefined || sent.has('expected_stdout'),
    waits: () => 30,
  },
  {
    name: 'tinker-cookbook',
    matches: (sent, headers) =>
      isAiohttp(headers) && sent.has('files') && !sent.has('stdin') && !sent.has('compile_timeout'),
    waits: () => 6000,
  },
  {
    // aiohttp's own default, where the SDK names none.
    name: 'sandbox-fusion SDK, asynchronous',
    matches: (sent, headers) => sent.has('compile_timeout') && acceptsAll(headers) && isAiohttp(headers),
    waits: () => 300,
  },
  {
    name: 'sandbox-fusion SDK',
    matches: (sent, headers) => sent.has('compile_timeout') && acceptsAll(headers),
    waits: () => Number.POSITIVE_INFINITY,
  },
  {
    name: 'verl',
    matches: (sent) => sent.has('compile_timeout'),
    waits: ({ compileTimeout, runTimeout }) => compileTimeout + runTimeout + 10,
  },
  {
    name: 'Reasoning360, SR2AM',
    matches: () => true,
    waits: ({ runTimeout }) => runTimeout + 2,
  },
];

/** Seconds that a client says it waits; undefined if it does not. */
export function statedTimeout(headers: Headers): number | undefined {
  const stated = Number(headers[CLIENT_TIMEOUT_HEADER] ?? Number.NaN);
  return stated > 0 ? stated : undefined;
}

/** Seconds that a request's client waits for the response. */
export function clientTimeoutSeconds(times: Times, headers: Headers): number {
  const stated = statedTimeout(headers);
  if (stated !== undefined) return stated;
  const client = CLIENTS.find(({ matches }) => matches(times.sent, headers));
  return client?.waits(times) ?? Number.POSITIVE_INFINITY;
}

/** Seconds that a run may take by its own timeouts; compiling counts only where something is compiled. */
export function longestRunSeconds({ compileTimeout, runTimeout, language }: Times): number {
  return (isCompiled(language) ? Math.max(0, compileTimeout) : 0) + Math.max(0, runTimeout);
}

function isAiohttp(headers: Headers): boolean {
  return /\baiohttp\b/.test(String(headers['user-agent'] ?? ''));
}

function acceptsAll({ accept }: Headers): boolean {
  return accept === '*/*';
}
