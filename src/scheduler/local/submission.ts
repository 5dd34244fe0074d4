import { mkdir, readFile, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { parseTimeLimit } from '../../config/units.js';
import { codeOf } from '../../errors.js';
import { privateFolder, writeAtomic, writeJson } from '../../files/atomic.js';
import { fillPattern } from '../../fleet/log-pattern.js';
import { jobName } from '../../fleet/names.js';
import { slotName, slotOf } from '../../fleet/slot.js';
import { parseSpecLine, slotSpec } from '../../fleet/spec.js';
import type { SubmitRequest } from '../port.js';
import { type About, listNumbers, numberOf, readJobs } from './records.js';

/** Ended jobs are remembered for a week. */
const REMEMBERED_MS = 7 * 24 * 3600 * 1000;

export interface Submitted {
  number: string;
  folder: string;
  about: About;
}

/**
 * Nothing runs yet: a submission counts only once a job has a record. Throws system errors, and for a script without
 * a spec line.
 */
export async function writeSubmission(
  local: string,
  { submission, scriptPath }: SubmitRequest,
  machine: { node: string; cpus: number; memory: number; first: number },
): Promise<Submitted> {
  const script = await readFile(scriptPath, 'utf8');
  const spec = parseSpecLine(script)?.spec;
  if (spec === undefined) throw new Error(`${scriptPath} has no spec line`);
  const number = await takeNumber(local, machine.first);
  const folder = join(local, number);
  const ids = submission.instances.map((instance) =>
    submission.array === null ? number : `${number}_${Number(instance) - submission.offset}`,
  );
  const { slurm } = slotSpec(spec, slotOf(submission.offset)).job;
  const servers = Math.max(1, spec.nodes);
  const cpus = slurm.cpusPerTask ?? Math.max(1, Math.floor(machine.cpus / servers));
  const memory = Math.floor(machine.memory / servers);
  const names = { jobName: jobName(spec.fleet), user: userName(), node: machine.node };
  const log = (jobId: string, at: number) =>
    fillPattern(spec.output, { ...names, jobId, slot: slotName(submission.instances[at] ?? 0) });
  const about: About = {
    schema_version: 1,
    fleet: spec.fleet,
    generation: spec.generation,
    submission: submission.id,
    script: scriptPath,
    time_limit: parseTimeLimit(slurm.time) ?? 0,
    node: machine.node,
    cpus,
    memory,
    logs: Object.fromEntries(ids.map((id, at) => [id, log(id, at)])),
  };
  await writeAtomic(join(folder, 'script'), script, 0o700);
  await writeJson(join(folder, 'job.json'), about);
  return { number, folder, about };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

/** One more than the last; creating the folder is exclusive, so two submissions at once get two numbers. */
async function takeNumber(local: string, first: number): Promise<string> {
  await privateFolder(local);
  for (let number = ((await listNumbers(local)).at(-1) ?? first - 1) + 1; ; number++) {
    try {
      await mkdir(join(local, String(number)), { mode: 0o700 });
      return String(number);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

/** Removes submissions whose jobs ended long ago, except the last: its number would be reused. */
export async function forgetOld(local: string, now: number): Promise<void> {
  for (const number of (await listNumbers(local)).slice(0, -1)) {
    const folder = join(local, numberOf(String(number)));
    const jobs = await readJobs(folder);
    const ends = jobs.map(({ record }) => record.ended_at ?? Number.POSITIVE_INFINITY);
    if (jobs.length > 0 && Math.max(...ends) * 1000 < now - REMEMBERED_MS) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
