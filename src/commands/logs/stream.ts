import { codeOf, messageOf, SandboxctlError } from '../../errors.js';
import { follower } from '../../logs/follow.js';
import { withoutSequences } from '../../logs/plain.js';
import { prefixer } from '../../logs/prefix.js';
import { forTerminal } from '../../logs/terminal.js';
import type { JobLog } from '../../state/job-logs.js';
import type { Io } from '../context.js';

export interface LogStream {
  begin(lines: number): Promise<boolean>;
  look(): Promise<boolean>;
  end(): Promise<void>;
}

/**
 * Undefined without a log. With `several`, each line starts with its node and job. Escape sequences are removed
 * unless stdout shows colour; a pipe and a file get all other bytes as they are.
 */
export async function openLog(
  job: JobLog,
  several: boolean,
  { stdout, stderr }: Pick<Io, 'stdout' | 'stderr'>,
): Promise<LogStream | undefined> {
  const log = await readable(job, () => job.locate());
  if (log === undefined) return undefined;
  const name = log.node === null ? job.jobId : `${log.node} ${job.jobId}`;
  const out = { write: stdout.bytes, end: async () => undefined };
  const lines = several ? prefixer(`${name}: `, out.write) : out;
  const shown = stdout.isTTY
    ? forTerminal(lines.write, stdout.color)
    : stdout.color
      ? lines
      : withoutSequences(lines.write);
  const { begin, look } = follower(log.path, {
    emit: shown.write,
    onLost: () => stderr.line(`warning: ${name}: some of the log was rotated away before it could be read`),
  });
  return {
    begin: (count) => readable(job, () => begin(count)),
    look: () => readable(job, look),
    end: async () => {
      await shown.end();
      await lines.end();
    },
  };
}

async function readable<T>(job: JobLog, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (codeOf(error) === undefined || error instanceof SandboxctlError) throw error;
    throw new SandboxctlError('config', {
      what: `cannot read the log of job ${job.jobId}`,
      detail: messageOf(error),
      hint: 'write logs to a folder that this machine can read: config key output',
      cause: error,
    });
  }
}
