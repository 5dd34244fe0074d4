import { dirname } from 'node:path';
import { SandboxctlError } from '../errors.js';
import { jobName, renderComment } from '../fleet/names.js';
import type { Submission } from '../fleet/plan.js';
import { slotName, slotOf } from '../fleet/slot.js';
import type { Spec } from '../fleet/spec.js';
import { directiveQuote } from './quote.js';
import { drainBefore } from './values.js';

const OTHER_OUTPUT = 'name an absolute path without one with --output, or run it from another folder';

/**
 * `excluded`: nodes to avoid. If several are allowed by name, those are the rest of the partition, since a one-node
 * job that lists two is refused.
 */
export function directives(spec: Spec, submission: Submission, excluded: readonly string[]): string[] {
  const { slurm } = spec.job;
  const before = drainBefore(spec);
  const tag = { fleet: spec.fleet, generation: spec.generation, submission: submission.id };
  const options: [string, string | number | null][] = [
    ['job-name', jobName(spec.fleet)],
    ['comment', renderComment(tag)],
    ['output', outputPattern(spec.output, submission)],
    ['nodes', 1],
    ['ntasks-per-node', 1],
    ['cpus-per-task', slurm.cpusPerTask],
    // Without --mem=0, a whole node gets only DefMemPerCPU's share of its memory.
    ['mem', slurm.mem ?? (slurm.exclusive ? '0' : null)],
    ['time', slurm.time],
    ['partition', slurm.partition],
    ['nodelist', slurm.nodelist.length === 1 ? (slurm.nodelist[0] ?? null) : null],
    ['exclude', excluded.length > 0 ? excluded.join(',') : null],
    ['account', slurm.account],
    ['qos', slurm.qos],
    ['constraint', slurm.constraint],
    ['reservation', slurm.reservation],
  ];
  return [
    ...options.flatMap(([name, value]) => (value === null ? [] : [directive(`--${name}`, String(value))])),
    ...(slurm.exclusive ? ['--exclusive'] : []),
    // A job must not run again on another node under its id, and a rerun must not delete the earlier log.
    '--no-requeue',
    '--open-mode=append',
    // A user's own script may not trap the signal, and would be killed by it.
    ...(before > 0 && spec.job.template === null ? [`--signal=B:USR1@${before}`] : []),
    ...slurm.args.map(quoteArgument),
  ];
}

/** In a plain job, %A and %a are meaningless (%a is 4294967294). */
function outputPattern(output: string, submission: Submission): string {
  if (output.includes('\\')) {
    throw new SandboxctlError('config', {
      what: 'the path of the log holds a backslash, behind which Slurm expands no %-pattern',
      detail: `--output=${JSON.stringify(output)}`,
      hint: OTHER_OUTPUT,
    });
  }
  if (dirname(output).replaceAll('%%', '').includes('%')) {
    throw new SandboxctlError('config', {
      what: 'the folder of the log holds a %-pattern, and Slurm makes no folders: the jobs would never start',
      detail: `--output=${JSON.stringify(output)}`,
      hint: "keep patterns to the file's name with --output, and write %% for a % in the folder's",
    });
  }
  if (submission.array !== null) return output;
  return output.replaceAll('%A', '%j').replaceAll('%a', slotName(slotOf(submission.offset)));
}

function quoteArgument(argument: string): string {
  const [, name, value] = /^(--[\w-]+)=(.*)$/s.exec(argument) ?? [];
  return name === undefined || value === undefined ? argument : directive(name, value);
}

/** One option of an #SBATCH line. Throws kind `config` for a value that no such line can hold. */
export function directive(name: string, value: string): string {
  // Most values are validated; the caller's folder, in which the logs are, may have any name.
  if (/[\r\n]/.test(value)) {
    throw new SandboxctlError('config', {
      what: 'a value holds a line break, which no #SBATCH line can hold',
      detail: `${name}=${JSON.stringify(value)}`,
      hint: OTHER_OUTPUT,
    });
  }
  return `${name}=${directiveQuote(value)}`;
}
