import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONDAS, withEmpty } from '../support/machine.js';

/** What a job of an array has from Slurm, as far as the script reads it. */
export const JOB_ENV = {
  SLURM_JOB_ID: '1008',
  SLURM_ARRAY_JOB_ID: '1004',
  SLURM_ARRAY_TASK_ID: '3',
  SLURM_CPUS_ON_NODE: '96',
  SLURMD_NODENAME: 'node4',
};

/** Where the script begins to act: all that stands before it sets values and defines functions. */
const ACTS = "trap 'finish $?' EXIT";

/** The script's own lines up to where it acts, then `more`; returns what `more` writes to "$ANSWERS". */
export function runHead(script: string, more: string, env: Record<string, string> = JOB_ENV): string {
  const at = script.indexOf(ACTS);
  if (at < 0) throw new Error(`the script has no line: ${ACTS}`);
  const folder = mkdtempSync(join(tmpdir(), 'sandboxctl-script-'));
  try {
    const answers = join(folder, 'answers');
    const [file = '', ...words] = [...withEmpty(...CONDAS), 'bash', '-s'];
    execFileSync(file, words, {
      input: `${script.slice(0, at)}\n${more}\n`,
      // Below level 2 a bash whose stdin is a socket, as Node's pipes are, reads ~/.bashrc.
      env: { PATH: process.env.PATH, HOME: folder, SHLVL: '2', ANSWERS: answers, ...env },
      stdio: 'pipe',
      // A script that waits for what never comes fails its test instead of holding up all.
      timeout: 240_000,
    });
    return readFileSync(answers, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What was written with a NUL behind each item. */
export const items = (text: string): string[] => text.split('\0').slice(0, -1);
