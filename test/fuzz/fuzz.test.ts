import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, test } from 'vitest';
import { serveCli } from '../e2e/serve/server.js';
import { gatewayFor } from '../gateway/start.js';
import { fuzzAnswers } from './answers.js';
import { fuzzFiles } from './files.js';
import { fuzzRequests } from './requests.js';

/** A few of each; `fuzz.chaos.ts` has very many. */
const SEED = 20_261_130;

test('requests changed by chance, to a server and to the gateway before it', async () => {
  const served = await serveCli(['--isolation', 'none', '--max-concurrency', '4']);
  onTestFinished(async () => void (await served.stop()));
  await fuzzRequests(served.url, 150, SEED);
  const gateway = await gatewayFor([served.url]);
  await fuzzRequests(gateway.url, 150, SEED + 1);
});

test('answers of servers changed by chance', () => fuzzAnswers(5_000, SEED));

test('registrations and endpoints files changed by chance', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await fuzzFiles(join(folder, 'file.json'), 1_000, SEED);
});
