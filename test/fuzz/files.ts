import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { readEndpoints } from '../../src/endpoints/file.js';
import { SandboxctlError } from '../../src/errors.js';
import { readRegistration } from '../../src/state/registrations.js';
import { mutatedJson } from './mutate.js';

const REGISTRATION = {
  ...{ schema_version: 1, job_id: '12_0', instance: 0, node: 'node1', addresses: ['10.0.0.1'], port: 8080 },
  ...{ nonce: 'abc', cpus: 8, state: 'ready', time: '2026-01-01T00:00:00Z', interval: 5 },
};
const ENDPOINTS = {
  ...{ schema_version: 1, fleet: 'sandbox', generation: 3, updated_at: '2026-01-01T00:00:00Z' },
  gateway: { url: 'http://node9:8080', node: 'node9', job_id: '130', state: 'ready', auth: null },
  endpoints: [
    {
      ...{ instance: 0, url: 'http://node1:8080', host: 'node1', port: 8080, node: 'node1', job_id: '123_0' },
      ...{
        state: 'ready',
        reachable: true,
        since: '2026-01-01T00:00:00Z',
        expires_at: null,
        cpus: 96,
        auth: null,
      },
    },
  ],
};

/** Reads so many files that were changed by chance: each is read, left out, or refused in words. */
export async function fuzzFiles(path: string, count: number, seed: number): Promise<void> {
  const one = fc.tuple(fc.boolean(), mutatedJson(REGISTRATION), mutatedJson(ENDPOINTS));
  for (const [registration, ofJob, ofFleet] of fc.sample(one, { numRuns: count, seed })) {
    await writeFile(path, registration ? ofJob : ofFleet);
    try {
      await (registration ? readRegistration(path) : readEndpoints(path));
    } catch (error) {
      if (!(error instanceof SandboxctlError)) throw error;
    }
  }
}
