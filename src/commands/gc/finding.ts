import { stat } from 'node:fs/promises';

export interface Finding {
  kind:
    | 'job'
    | 'registration'
    | 'submission'
    | 'secret'
    | 'template'
    | 'temporary file'
    | 'gateway'
    | 'import'
    | 'container'
    | 'log'
    | 'fleet';
  /** Its path, or a job's id. */
  name: string;
  why: string;
  /** Whose folder it lies in; left out for what belongs to no fleet. */
  fleet?: string;
  remove(): Promise<void>;
}

/** Milliseconds since the epoch; undefined if there is no such file. */
async function changedAt(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

/** Whether it has been unchanged for `ageMs`. False if it is gone. */
export async function isOlder(path: string, ageMs: number, now: number): Promise<boolean> {
  const at = await changedAt(path);
  return at !== undefined && now - at >= ageMs;
}
