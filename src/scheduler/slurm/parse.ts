import type { ClusterFacts, NodeFact, PartitionFact } from '../../fleet/cluster-facts.js';
import type { JobEnd } from '../../fleet/job-facts.js';
import { jobName } from '../../fleet/names.js';
import type { SubmitAnswer } from '../port.js';

export interface Printed {
  code: number | null;
  stdout: string;
  stderr: string;
  timedOut?: boolean;
}

/** Words by which sbatch says that it does not know: the job may be created after it gave up. */
const UNSURE = [
  /Socket timed out/i,
  /Unable to contact slurm controller/i,
  /Zero Bytes were transmitted/i,
  /Transport endpoint/i,
  /Connection (reset|refused|timed out)/i,
  /Unexpected message received/i,
  /Slurm controller not responding/i,
  /Slurm backup controller in standby/i,
  /Munge (en|de)code failed/i,
  /Protocol authentication error/i,
];

/**
 * A refusal is sure: an exit code other than 0, and no id. What a site's wrapper or plugin prints beside the id
 * is none of it, and where it could be another id, Slurm's queue says which is ours.
 */
export function parseSbatch(printed: Printed): SubmitAnswer {
  const words = lastWords(printed.stderr);
  const ids = [...printed.stdout.matchAll(/^[ \t]*(\d+)(?:;\S*)?[ \t\r]*$/gm)].map(([, id = '']) => id);
  const [id, ...others] = new Set(ids);
  if (printed.code === 0 && id !== undefined && others.length === 0) return { kind: 'submitted', jobId: id };
  const unsure =
    printed.timedOut === true ||
    printed.code === null ||
    printed.code === 0 ||
    id !== undefined ||
    endedBySignal(printed.code, words) ||
    UNSURE.some((pattern) => pattern.test(verdictIn(printed.stderr)));
  if (!unsure) return { kind: 'refused', detail: words };
  return { kind: 'unsure', detail: words === '' ? 'sbatch gave no clear answer' : words };
}

/** What sbatch says last of a submission that failed; all that it said where it does not come so far. */
function verdictIn(stderr: string): string {
  return /^.*Batch job submission failed: .*$/m.exec(stderr)?.[0] ?? stderr;
}

/** As a shell script around sbatch reports it, 128 + signal; sbatch's own 255 and its refusals come with words. */
function endedBySignal(code: number, words: string): boolean {
  return code > 128 && code <= 192 && !words.includes('sbatch:');
}

const SINFO_FIELDS = 10;

export function parseSinfo(stdout: string): { nodes: NodeFact[]; partitions: PartitionFact[] } {
  const nodes: NodeFact[] = [];
  const partitions = new Map<string, PartitionFact>();
  for (const line of stdout.split('\n')) {
    const fields = line.split('|');
    // A site's wrapper may print lines of its own.
    if (fields.length !== SINFO_FIELDS) continue;
    const [name = '', address = '', partition = '', cpus = '', limit = '', availability = '', state = ''] =
      fields;
    const [memory = '', gres = '', size = ''] = fields.slice(7);
    const bare = partition.replace(/\*$/, '');
    const [cores, megabytes] = [leadingNumber(cpus), leadingNumber(memory)];
    nodes.push({ name, address, partition: bare, cpus: cores, memory: megabytes, gpus: gpusOf(gres), state });
    partitions.set(bare, {
      name: bare,
      isDefault: partition.endsWith('*'),
      timeLimit: parseLength(limit),
      availability,
      minNodes: leadingNumber(size) || 1,
    });
  }
  return { nodes, partitions: [...partitions.values()] };
}

/** A line of `scontrol show partition -o`; undefined where there is none. */
export function parsePartition(stdout: string): PartitionFact | undefined {
  const value = (key: string) => new RegExp(`(?:^|\\s)${key}=(\\S+)`, 'm').exec(stdout)?.[1] ?? '';
  const name = value('PartitionName');
  if (name === '') return undefined;
  return {
    name,
    isDefault: value('Default') === 'YES',
    timeLimit: parseLength(value('MaxTime')),
    availability: value('State').toLowerCase(),
    minNodes: leadingNumber(value('MinNodes')) || 1,
  };
}

/** `96+` where nodes differ, `1-infinite` for a range. */
function leadingNumber(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

/** Of `gpu:a100:8(S:0,1),nvme:1` it is 8; a kind without a count is one. */
function gpusOf(gres: string): number {
  const kinds = gres.replace(/\([^)]*\)/g, '').split(',');
  const gpus = kinds.filter((kind) => /^gpu(:|$)/.test(kind));
  return gpus.reduce((sum, kind) => sum + Number(/:(\d+)$/.exec(kind)?.[1] ?? 1), 0);
}

/** What `scontrol show config` says. 1001 is Slurm's own default, for a controller that does not say. */
export function parseConfig(config: string): Omit<ClusterFacts, 'nodes' | 'partitions'> {
  const value = (key: string) => new RegExp(`^${key}\\s*=\\s*(\\S.*?)\\s*$`, 'm').exec(config)?.[1];
  return {
    maxArraySize: Number(/^\d+$/.exec(value('MaxArraySize') ?? '')?.[0] ?? 1001),
    name: value('ClusterName') ?? null,
    needsAccount: /\bassociations\b/.test(value('AccountingStorageEnforce') ?? ''),
  };
}

export function parseSacct(stdout: string): Map<string, JobEnd> {
  const ends = new Map<string, JobEnd>();
  for (const line of stdout.split('\n')) {
    const [id = '', state = '', exitCode = '', node = '', reason = ''] = line.split('|');
    if (!/^\d+(_\d+)?$/.test(id) || state === '') continue;
    ends.set(id, {
      state: state.startsWith('CANCELLED by') ? state : (state.split(' ')[0] ?? state),
      reason: reason === 'None' ? '' : reason,
      exitCode: exitCode === '' ? null : exitCode,
      node: node === '' || node === 'None assigned' ? null : node,
    });
  }
  return ends;
}

export function parseScontrolJobs(stdout: string): Map<string, JobEnd> {
  const ends = new Map<string, JobEnd>();
  for (const line of stdout.split('\n')) {
    const field = (name: string) => new RegExp(`(?:^|\\s)${name}=(\\S*)`).exec(line)?.[1];
    const state = field('JobState');
    if (state === undefined) continue;
    const arrayId = field('ArrayJobId');
    const id = arrayId === undefined ? field('JobId') : `${arrayId}_${field('ArrayTaskId')}`;
    const reason = field('Reason') ?? '';
    const node = field('NodeList') ?? '';
    ends.set(id ?? '', {
      state,
      reason: reason === 'None' ? '' : reason,
      exitCode: field('ExitCode') ?? null,
      node: node === '' || node === '(null)' ? null : node,
    });
  }
  return ends;
}

/** `4-00:00:00`, `1:30:00`, `30:00` or `UNLIMITED` as squeue and sinfo print them, in seconds. */
export function parseLength(text: string): number | null {
  const match = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)$/.exec(text.trim());
  if (match === null) return null;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}

/** Slurm prints local time without a zone (SLURM_TIME_FORMAT=standard); so does Date read it. */
export function localTime(text: string): string | null {
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text) : undefined;
  return time === undefined || Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/**
 * The line by which a Slurm tool says why it failed: the last such one, since notes on its configuration come
 * first, but not srun's that a task ended, which it says after why. Words for a failure, and no sign of one:
 * every tool may print such lines with exit code 0 and a whole answer.
 */
export function errorLine(stderr: string): string | undefined {
  return errorLines(stderr).at(-1);
}

/** The same with the lines before it, for a failure that is told once: a tool names the cause first, then what came of it. */
export function errorWords(stderr: string): string | undefined {
  const lines = errorLines(stderr);
  return lines.length === 0 ? undefined : lines.slice(-MOST_LINES).join('\n');
}

function errorLines(stderr: string): string[] {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /\b(error|fatal):|^slurm_load_|Unable to contact/i.test(line));
  const whys = lines.filter((line) => !/Exited with exit code/.test(line));
  return whys.length > 0 ? whys : lines;
}

/**
 * What `sacct` or `scontrol show job -o` tells of jobs of sandboxctl's alone: once a controller has lost its
 * state, ids start again, and an old one may be that of somebody's other job.
 */
export function ownLines(stdout: string): string {
  const own = ['|', ' JobName='].map((before) => `${before}${jobName('')}`);
  return stdout
    .split('\n')
    .filter((line) => own.some((name) => line.includes(name)))
    .join('\n');
}

/** Whether all that scancel complains of is that jobs are gone already, which is what was wanted. */
export function onlyGone(stderr: string): boolean {
  const wrong = stderr.split('\n').filter((line) => /\berror:.*\bjob/i.test(line));
  return wrong.length > 0 && wrong.every((line) => GONE.test(line));
}

const GONE = /Invalid job id|already (completing|completed|finished)/i;

/** Of what a tool said so many lines are told. */
const MOST_LINES = 4;

/** All that a tool said of its failure: sbatch names the cause in one line and the consequence in the next. */
function lastWords(stderr: string): string {
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-MOST_LINES)
    .join('\n');
}
