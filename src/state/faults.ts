import { readIfThere, writeJson } from '../files/atomic.js';
import { type Fault, remembered } from '../fleet/faults.js';
import { isObject, parseObject } from '../text/json-object.js';

/** A fleet's faults of the last day (faults.json); none for a file that cannot be read. */
export async function readFaults(path: string): Promise<Fault[]> {
  const value = parseObject(await readIfThere(path).catch(() => undefined));
  return Array.isArray(value?.faults) ? value.faults.filter(isFaultRecord) : [];
}

export async function writeFaults(path: string, faults: readonly Fault[], now: number): Promise<void> {
  await writeJson(path, { schema_version: 1, faults: remembered(faults, now) });
}

function isFaultRecord(value: unknown): value is Fault {
  if (!isObject(value)) return false;
  const { at, jobId, hash, state, cause, lasted } = value;
  return (
    [at, lasted].every(Number.isFinite) &&
    [jobId, hash, state, cause].every((each) => typeof each === 'string')
  );
}
