import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { specLine } from '../../../src/fleet/spec.js';
import type { Registration } from '../../../src/state/registrations.js';
import { fleetStore, type SubmissionRecord } from '../../../src/state/store.js';
import { type Ended, sandboxctl } from '../../cli/run.js';
import { newFolder } from '../../logs/folder.js';
import { specOf } from '../../script/specs.js';

/** A submission as `deploy` leaves it in the state folder. */
export interface Submitted {
  jobId: string;
  instances: number[];
  /** Default: an array of all instances. */
  array?: string | null;
  offset?: number;
  /** Pattern below the log folder. */
  output?: string;
}

/** A state folder and a log folder, as a fleet's life leaves them, and the tool to read them with. */
export async function newState() {
  const root = await newFolder();
  const state = join(root, 'state');
  const logs = join(root, 'logs');
  const log = (name: string) => join(logs, name);
  let submissions = 0;
  const options = { env: { SANDBOXCTL_STATE_DIR: state, PATH: process.env.PATH ?? '' }, cwd: root };
  return {
    state,
    options,
    log,
    async submit(fleet: string, submitted: Submitted): Promise<string> {
      const { jobId, instances, array = '0-9', offset = 0, output = 'sandbox-%A_%a.log' } = submitted;
      const id = `s${++submissions}`;
      const store = fleetStore(state, fleet);
      await store.prepare();
      const submission: SubmissionRecord = {
        ...{ schema_version: 1, id, hash: 'h', generation: 1, createdAt: '2026-01-01T00:00:00Z' },
        ...{ jobId, instances, array, offset, closed: false },
      };
      await store.writeSubmission(submission);
      const spec = specOf({ fleet, output: log(output) });
      await store.writeScript(id, `#!/bin/bash\n${specLine(spec, { id, offset })}\necho\n`);
      return id;
    },
    async register(fleet: string, jobId: string, more: Partial<Registration> = {}): Promise<void> {
      const registration: Registration = {
        ...{ schema_version: 1, job_id: jobId, instance: 0, submission: 's1', node: 'node1', host: '' },
        ...{ addresses: [], port: 8080, nonce: 'n', cpus: 96, state: 'ready', exit_code: null },
        ...{ log: log(`sandbox-${jobId}.log`), beat: 1 },
        ...more,
      } as Registration;
      const store = fleetStore(state, fleet);
      await store.prepare();
      await writeFile(join(store.folders.registrations, `${jobId}.json`), JSON.stringify(registration));
    },
    async write(name: string, text: string | Buffer): Promise<string> {
      await mkdir(dirname(log(name)), { recursive: true });
      await writeFile(log(name), text);
      return log(name);
    },
    run: (...args: string[]): Promise<Ended> => sandboxctl(args, options),
  };
}

/** The first line of our batch script's log. */
export function startLine(jobId: string, node = 'node1'): string {
  return `sandboxctl: instance 0 of fleet sandbox is job ${jobId} on ${node} with 96 CPUs\n`;
}

export function numbered(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}\n`).join('');
}
