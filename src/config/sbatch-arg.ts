import { longFlag } from './flags.js';

/** The sbatch options that sandboxctl sets itself, by long name: the config key to use instead, or why no key exists. */
const OWNED: Readonly<Record<string, { key: string } | { why: string }>> = {
  account: { key: 'account' },
  array: { key: 'nodes' },
  chdir: { key: 'output' },
  clusters: { key: 'clusterName' },
  comment: { why: 'sandboxctl finds its jobs by the comment' },
  constraint: { key: 'constraint' },
  container: { key: 'image' },
  'cpus-per-task': { key: 'cpusPerTask' },
  error: { key: 'output' },
  exclude: { key: 'exclude' },
  exclusive: { key: 'exclusive' },
  export: { key: 'env' },
  'export-file': { key: 'env' },
  'get-user-env': { key: 'env' },
  help: { why: 'with it sbatch submits nothing' },
  'job-name': { why: 'use --fleet, which names the jobs' },
  mem: { key: 'mem' },
  'mem-per-cpu': { key: 'mem' },
  'mem-per-gpu': { key: 'mem' },
  'no-requeue': { why: 'jobs are never requeued' },
  nodefile: { key: 'nodelist' },
  nodelist: { key: 'nodelist' },
  nodes: { key: 'nodes' },
  ntasks: { key: 'nodes' },
  'ntasks-per-node': { key: 'workers' },
  'open-mode': { why: 'logs are always appended to' },
  output: { key: 'output' },
  oversubscribe: { key: 'exclusive' },
  parsable: { why: 'it is always set' },
  partition: { key: 'partition' },
  qos: { key: 'qos' },
  requeue: { why: 'jobs are never requeued' },
  reservation: { key: 'reservation' },
  share: { key: 'exclusive' },
  'tasks-per-node': { key: 'workers' },
  'test-only': { key: 'dryRun' },
  time: { key: 'time' },
  usage: { why: 'with it sbatch submits nothing' },
  version: { why: 'with it sbatch submits nothing' },
  wait: { key: 'wait' },
  wrap: { key: 'template' },
};

const SHORT: Readonly<Record<string, string>> = {
  A: 'account',
  C: 'constraint',
  D: 'chdir',
  F: 'nodefile',
  J: 'job-name',
  M: 'clusters',
  N: 'nodes',
  V: 'version',
  W: 'wait',
  a: 'array',
  c: 'cpus-per-task',
  e: 'error',
  h: 'help',
  n: 'ntasks',
  o: 'output',
  p: 'partition',
  q: 'qos',
  s: 'oversubscribe',
  t: 'time',
  u: 'usage',
  w: 'nodelist',
  x: 'exclude',
};

const SHORT_WITHOUT_VALUE = 'HOQv';

export function brokenSbatchArg(line: string): string | undefined {
  if (/[\r\n\0]/.test(line)) return 'must be one line';
  if (!/^--?[A-Za-z]/.test(line)) return 'must be an option of sbatch, starting with -';
  for (const word of shellWords(line)) {
    const owned = word.startsWith('--') ? ownedLong(word) : ownedShort(word);
    if (owned !== undefined) return refusal(owned);
    if (/^--(no-)?container-/.test(word)) {
      return `${word} would put the whole script into a container; use mount (--mount) or image (--image)`;
    }
  }
  return undefined;
}

function refusal(option: string): string {
  const ours = OWNED[option];
  if (ours === undefined) return `--${option} belongs to sandboxctl`;
  const instead = 'why' in ours ? ours.why : `use ${ours.key} (${longFlag(ours.key)})`;
  return `--${option} belongs to sandboxctl: ${instead}`;
}

/** getopt accepts every unambiguous prefix of a name: `--part=x` is --partition. */
function ownedLong(word: string): string | undefined {
  const name = word.slice(2).replace(/=.*$/s, '');
  if (name === '') return undefined;
  return Object.hasOwn(OWNED, name) ? name : Object.keys(OWNED).find((owned) => owned.startsWith(name));
}

function ownedShort(word: string): string | undefined {
  if (!word.startsWith('-')) return undefined;
  for (const letter of word.slice(1)) {
    const owned = SHORT[letter];
    if (owned !== undefined) return owned;
    if (!SHORT_WITHOUT_VALUE.includes(letter)) return undefined;
  }
  return undefined;
}

/** One #SBATCH line may contain several options, quoted or not; sbatch removes the quotes. */
function shellWords(line: string): string[] {
  const words = line.match(/(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\])+/g) ?? [];
  return words.map((word) => word.replace(/\\(.)/g, '$1').replace(/["']/g, ''));
}
