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

/** Messages of unclear failures, after which the job may still be created. */
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

/** When `sbatch --test-only`, run with TZ=UTC, says that a job would start; null if it says nothing. */
export function parseTestOnly(stderr: string): number | null {
  const [, time = ''] = /\bJob \d+ to start at (\S+)/.exec(stderr) ?? [];
  const start = Date.parse(`${time}Z`);
  return Number.isNaN(start) ? null : start;
}

/** A refusal is an exit code other than 0 and no id. Wrappers and plugins may print more. */
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

function verdictIn(stderr: string): string {
  return /^.*Batch job submission failed: .*$/m.exec(stderr)?.[0] ?? stderr;
}

function endedBySignal(code: number, words: string): boolean {
  return code > 128 && code <= 192 && !words.includes('sbatch:');
}

const SINFO_FIELDS = 10;

export function parseSinfo(stdout: string): { nodes: NodeFact[]; partitions: PartitionFact[] } {
  const nodes: NodeFact[] = [];
  const partitions = new Map<string, PartitionFact>();
  for (const line of stdout.split('\n')) {
    const fields = line.split('|');
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

function leadingNumber(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

/** 8 for `gpu:a100:8(S:0,1),nvme:1`; a kind without a count is one. */
function gpusOf(gres: string): number {
  const kinds = gres.replace(/\([^)]*\)/g, '').split(',');
  const gpus = kinds.filter((kind) => /^gpu(:|$)/.test(kind));
  return gpus.reduce((sum, kind) => sum + Number(/:(\d+)$/.exec(kind)?.[1] ?? 1), 0);
}

/** 1001 is Slurm's own default. */
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

export function parseLength(text: string): number | null {
  const match = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)$/.exec(text.trim());
  if (match === null) return null;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}

/** Slurm prints local time without a zone (SLURM_TIME_FORMAT=standard). */
export function localTime(text: string): string | null {
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text) : undefined;
  return time === undefined || Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/**
 * The last error line, since notes on the configuration come first, but not srun's that a task ended. No sign of a
 * failure: tools print such lines with exit code 0 too.
 */
export function errorLine(stderr: string): string | undefined {
  return errorLines(stderr).at(-1);
}

/** The same with the lines before it: tools print the cause first, then its consequences. */
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

/** Only lines of sandboxctl's jobs: a controller that lost its state reuses ids. */
export function ownLines(stdout: string): string {
  const own = ['|', ' JobName='].map((before) => `${before}${jobName('')}`);
  return stdout
    .split('\n')
    .filter((line) => own.some((name) => line.includes(name)))
    .join('\n');
}

/** Whether scancel only complains of jobs that are gone already. */
export function onlyGone(stderr: string): boolean {
  const wrong = stderr.split('\n').filter((line) => /\berror:.*\bjob/i.test(line));
  return wrong.length > 0 && wrong.every((line) => GONE.test(line));
}

const GONE = /Invalid job id|already (completing|completed|finished)/i;

const MOST_LINES = 4;

/** sbatch prints the cause in one line and the consequence in the next. */
function lastWords(stderr: string): string {
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-MOST_LINES)
    .join('\n');
}
