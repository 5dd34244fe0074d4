import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { until } from '../support/until.js';

/** The function that rotates a job's log, cut out of the batch template: what runs on a node runs here. */
async function cappedSource(): Promise<string> {
  const template = await readFile(new URL('../../templates/job.sbatch.hbs', import.meta.url), 'utf8');
  const found = /^capped\(\) \{.*?^\}$/ms.exec(template)?.[0];
  if (found === undefined) throw new Error('the batch template has no function capped');
  return found;
}

/** A job's output on its way into its log: `write` is done when the bytes lie on the disk. */
export async function cappedWriter(log: string, half: number) {
  const script = `set -uo pipefail\n${await cappedSource()}\n: >>"$LOG"\ncapped`;
  const bash = spawn('bash', ['-c', script], {
    env: { ...process.env, LOG: log, LOG_HALF: String(half) },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  let written = 0;
  return {
    /** Fewer bytes than `half`: so the log's size tells that they arrived. */
    async write(bytes: Buffer): Promise<void> {
      bash.stdin.write(bytes);
      written += bytes.length;
      const rotated = Math.floor(written / half) > 0;
      await until(
        'the bytes on the disk',
        async () =>
          (await sizeOf(log)) === written % half && (!rotated || (await sizeOf(`${log}.1`)) === half),
        { everyMs: 1 },
      );
    },
    send: (bytes: Buffer) => void bash.stdin.write(bytes),
    async end(): Promise<void> {
      bash.stdin.end();
      if (bash.exitCode === null) await once(bash, 'exit');
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => ({ size: -1 }))).size;
}
