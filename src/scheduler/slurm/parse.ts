import { tagOf } from '../../fleet/names.js';
import type {
  ClusterFacts,
  JobEnd,
  JobFact,
  ListAnswer,
  NodeFact,
  PartitionFact,
  SubmitAnswer,
} from '../port.js';

interface Printed {
  code: number | null;
  stdout: string;
  stderr: string;
  timedOut?: boolean;
}

/** Also `12+1`, a part of a heterogeneous job: none of ours, but the user may have some. */
const JOB_ID = /^\d+([_+]\d+)?$/;
const FIELDS = 10;

/**
 * A good answer has exit code 0 and no error line on stderr: an unknown user prints one and still exits
 * 0. A line that is no job of anybody makes the whole answer bad: half an answer would lose jobs.
 */
export function parseSqueue(printed: Printed): ListAnswer {
  const error = errorLine(printed.stderr);
  if (printed.timedOut === true) return { ok: false, words: 'squeue gave no answer in time' };
  if (printed.code !== 0 || error !== undefined) {
    return { ok: false, words: error ?? `squeue ended with code ${printed.code}` };
  }
  if (printed.stdout !== '' && !printed.stdout.endsWith('\n')) {
    return { ok: false, words: 'squeue was cut off in the middle of a line' };
  }
  const jobs: JobFact[] = [];
  for (const line of printed.stdout.split('\n').filter((text) => text !== '')) {
    const fields = line.split('|');
    const [
      id = '',
      task = '',
      state = '',
      node = '',
      reason = '',
      left = '',
      elapsed = '',
      start = '',
      script = '',
    ] = fields;
    if (fields.length < FIELDS || !JOB_ID.test(id) || !/^[A-Z_]+$/.test(state)) {
      return { ok: false, words: `squeue printed a line that is none of its own: ${line.slice(0, 120)}` };
    }
    const tag = tagOf(fields.slice(FIELDS - 1).join('|'), script);
    if (tag === undefined) continue;
    jobs.push({
      id,
      task: id.includes('_') ? Number(task) : null,
      tag,
      state,
      reason: reason === 'None' ? '' : reason,
      node,
      timeLeft: parseLength(left),
      elapsed: parseLength(elapsed) ?? 0,
      startTime: localTime(start),
      script,
    });
  }
  return { ok: true, jobs };
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

export function parseSbatch(printed: Printed): SubmitAnswer {
  const words = lastWords(printed.stderr);
  const id = /^(\d+)(;\S*)?$/m.exec(printed.stdout.trim())?.[1];
  if (printed.code === 0 && id !== undefined) return { kind: 'submitted', jobId: id };
  const unsure =
    printed.timedOut === true ||
    printed.code === null ||
    printed.code === 0 ||
    endedBySignal(printed.code, words) ||
    UNSURE.some((pattern) => pattern.test(printed.stderr));
  if (!unsure) return { kind: 'refused', words };
  return { kind: 'unsure', words: words === '' ? 'sbatch gave no clear answer' : words };
}

/** As a shell script around sbatch reports it, 128 + signal; sbatch's own 255 and its refusals come with words. */
function endedBySignal(code: number, words: string): boolean {
  return code > 128 && code <= 192 && !words.includes('sbatch:');
}

export function parseSinfo(stdout: string): { nodes: NodeFact[]; partitions: PartitionFact[] } {
  const nodes: NodeFact[] = [];
  const partitions = new Map<string, PartitionFact>();
  for (const line of stdout.split('\n').filter((text) => text !== '')) {
    const fields = line.split('|');
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
    if (id === '' || state === '') continue;
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
function localTime(text: string): string | null {
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text) : undefined;
  return time === undefined || Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** The first line by which a Slurm tool says that something went wrong; warnings about plugins are none. */
export function errorLine(stderr: string): string | undefined {
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .find((line) => /\b(error|fatal):|^slurm_load_|Unable to contact/i.test(line));
}

/** All that a tool said of its failure: sbatch names the cause in one line and the consequence in the next. */
function lastWords(stderr: string): string {
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-4)
    .join('\n');
}
