import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere } from '../../files/atomic.js';
import { z } from '../../vendor/zod.js';

const aboutSchema = z.object({
  schema_version: z.literal(1),
  fleet: z.string(),
  generation: z.number().int(),
  submission: z.string(),
  script: z.string(),
  /** Seconds; 0 for none. */
  time_limit: z.number().int(),
  node: z.string(),
  cpus: z.number().int(),
  /** Bytes. */
  memory: z.number().int().default(0),
  logs: z.record(z.string(), z.string()),
});

export type About = z.infer<typeof aboutSchema>;

/** What a job's supervisor (templates/local-job.sh) writes of it. Times are seconds since the epoch. */
const recordSchema = z.object({
  schema_version: z.literal(1),
  state: z.enum(['RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT']),
  reason: z.string(),
  exit_code: z.number().int().nullable(),
  host: z.string(),
  boot_id: z.string(),
  supervisor_pid: z.number().int(),
  supervisor_start: z.number().int(),
  leader_pid: z.number().int(),
  leader_start: z.number().int(),
  key: z.string(),
  started_at: z.number().int(),
  ended_at: z.number().int().nullable(),
});

export type JobRecord = z.infer<typeof recordSchema>;

export interface LocalJob {
  id: string;
  folder: string;
  about: About;
  record: JobRecord;
  cancelled: boolean;
}

export const numberOf = (jobId: string): string => jobId.split('_')[0] ?? jobId;

export async function listNumbers(local: string): Promise<number[]> {
  const names = await readdir(local).catch(() => []);
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Of one submission; none if its folder is incomplete. */
export async function readJobs(folder: string): Promise<LocalJob[]> {
  const names: string[] = await readdir(folder).catch(() => []);
  const about = parse(aboutSchema, await readIfThere(join(folder, 'job.json')));
  if (about === undefined) return [];
  const jobs = Object.keys(about.logs).map(async (id): Promise<LocalJob[]> => {
    const record = parse(recordSchema, await readIfThere(join(folder, `${id}.json`)));
    if (record === undefined) return [];
    return [{ id, folder, about, record, cancelled: names.includes(`${id}.cancel`) }];
  });
  return (await Promise.all(jobs)).flat();
}

function parse<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
