import { open } from 'node:fs/promises';
import { codeOf } from '../errors.js';
import type { FleetEvent } from '../fleet/events.js';
import type { InstanceView } from '../fleet/instance.js';
import { parseObject } from '../text/json-object.js';

/** A few thousand events: more than a fleet writes in a day. Bytes. */
const TAIL_BYTES = 512 * 1024;

/** The last events of a fleet, oldest first; none if there is no file. */
export async function recentEvents(path: string): Promise<FleetEvent[]> {
  const text = await readEnd(path);
  return text.split('\n').flatMap((line) => {
    const value = parseObject(line);
    return value !== undefined && 'type' in value ? [value as unknown as FleetEvent] : [];
  });
}

/** Why jobs ended, by job id, from the events. */
export function recordedCauses(events: readonly FleetEvent[]): Map<string, string> {
  return new Map(
    events.flatMap(({ state, job_id, reason, data }) => {
      const cause = typeof data?.cause === 'string' ? data.cause : reason;
      return state === 'gone' && job_id !== undefined && cause !== undefined ? [[job_id, cause]] : [];
    }),
  );
}

/** Says of a job that was cancelled that we did not do it, as far as events tell. */
export function whoCancelled(events: readonly FleetEvent[]) {
  const ours = new Set(events.filter(({ data }) => data?.step === 'cancel').map(({ job_id }) => job_id));
  return ({ jobId, jobState }: Pick<InstanceView, 'jobId' | 'jobState'>, cause: string): string =>
    jobState?.startsWith('CANCELLED') && !ours.has(jobId ?? '') ? `${cause} (not by sandboxctl)` : cause;
}

async function readEnd(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length);
      const text = buffer.subarray(0, bytesRead).toString('utf8');
      return size > TAIL_BYTES ? text.slice(text.indexOf('\n') + 1) : text;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
