import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inParts } from '../../support/parts.js';
import { DIFFERS } from './recorded/differs.js';
import { PATIENT, type ServedCli, serveCli } from './server.js';

interface Case {
  name: string;
  method: string;
  path: string;
  request: (Record<string, unknown> & { _raw?: string; _headers?: Record<string, string> }) | null;
  status: number;
  content_type: string;
  response: unknown;
}

const file = new URL('recorded/sandboxfusion.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] };

/** Times, temporary paths, and the words of tools of other versions are nobody's promise. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([key, each]) => [
      key,
      key === 'execution_time' && typeof each === 'number' ? 'a time' : comparable(each),
    ]);
    // What the wire has no word for stands there, in every answer of ours that needs one.
    return Object.fromEntries(fields.filter(([key]) => key !== 'sandboxctl'));
  }
  return typeof value === 'string' ? comparableText(value) : value;
}

function comparableText(text: string): string {
  return (
    text
      .replace(/\/tmp\/tmp[a-z0-9_]{8}(\/tmp[a-z0-9_]{8})?/g, 'TEMPORARY')
      // Python 3.11 and later underline the place of a mistake, each its own way.
      .replace(/^ +[~^]+\n/gm, '')
      .replace(/(.)\1{2999,}|(.{200}).*<(\d+) chars total>.*/gs, (all, one, _head, total) =>
        one === undefined ? `${total} characters` : `${all.length} characters`,
      )
  );
}

for (const { rows, tags } of inParts(['lite', 'none'] as const))
  describe.each(rows)('isolation %s answers as recorded', { tags }, (isolation) => {
    let served: ServedCli;

    beforeAll(async () => {
      served = await serveCli(['--isolation', isolation, '--max-concurrency', '2']);
    });
    afterAll(async () => {
      await served.stop();
    });

    const same = cases.filter(({ name }) => DIFFERS[name] === undefined);
    test.each(same.map((each) => [each.name, each] as const))('%s', async (name, recorded) => {
      const answer = await fetch(`${served.url}${recorded.path}`, requestOf(recorded));
      expect(answer.headers.get('content-type')).toBe(recorded.content_type);
      expect({ name, status: answer.status, body: comparable(await answer.json()) }).toEqual({
        name,
        status: recorded.status,
        body: comparable(expected(recorded)),
      });
    });
  });

function requestOf({ method, request, status, response }: Case): RequestInit {
  if (request === null) return { method };
  const { _raw, _headers } = request;
  const headers = { ...PATIENT, ..._headers };
  const ends = status === 200 && !JSON.stringify(response).includes('TimeLimitExceeded');
  return { method, headers, body: _raw ?? JSON.stringify(ends ? { ...LONG, ...request } : request) };
}

/** Limits for what ended well within its own where it was recorded, and may take longer here. Seconds. */
const LONG = { compile_timeout: 120, run_timeout: 120 };

/** One case reads a file of the machine. */
function expected({ name, response }: Case): unknown {
  if (name !== 'files_fetch_etc_hostname_traversal') return response;
  const version = readFileSync('/etc/debian_version').toString('base64');
  return { ...(response as object), files: { '../../etc/debian_version': version } };
}
