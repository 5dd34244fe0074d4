/** The options of sbatch that sandboxctl owns, by their long names, and what to use instead. */
const OWNED: Readonly<Record<string, string>> = {
  account: 'account',
  array: 'nodes',
  chdir: 'output, for where logs go',
  clusters: 'the environment variable SLURM_CLUSTERS',
  comment: 'nothing: sandboxctl finds its jobs by the comment',
  constraint: 'constraint',
  'cpus-per-task': 'cpusPerTask',
  error: 'output',
  exclude: 'exclude',
  exclusive: 'exclusive',
  export: 'env',
  'export-file': 'env',
  'get-user-env': 'env',
  help: 'nothing: with it sbatch submits nothing',
  'job-name': 'the flag --fleet',
  mem: 'mem',
  'mem-per-cpu': 'mem',
  'mem-per-gpu': 'mem',
  'no-requeue': 'nothing: jobs are never requeued',
  nodefile: 'nodelist',
  nodelist: 'nodelist',
  nodes: 'nodes',
  ntasks: 'nodes',
  'ntasks-per-node': 'workers',
  'open-mode': 'nothing: logs are appended to',
  output: 'output',
  oversubscribe: 'exclusive: false',
  parsable: 'nothing: it is always set',
  partition: 'partition',
  qos: 'qos',
  requeue: 'nothing: jobs are never requeued',
  reservation: 'reservation',
  share: 'exclusive: false',
  'tasks-per-node': 'workers',
  'test-only': 'the flag --dry-run',
  time: 'time',
  usage: 'nothing: with it sbatch submits nothing',
  version: 'nothing: with it sbatch submits nothing',
  wait: 'wait',
  wrap: 'template',
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

/** Short options of sbatch that take no value, so that another option may follow in the same word. */
const SHORT_WITHOUT_VALUE = 'HIOQbkv';

/** What is wrong with one more #SBATCH line, as a rule; undefined where nothing is. */
export function brokenSbatchArg(line: string): string | undefined {
  if (/[\r\n\0]/.test(line)) return 'must be one line';
  if (!/^--?[A-Za-z]/.test(line)) return 'must be an option of sbatch, starting with -';
  for (const word of shellWords(line)) {
    const owned = word.startsWith('--') ? ownedLong(word) : ownedShort(word);
    if (owned !== undefined) return `--${owned} belongs to sandboxctl; use ${OWNED[owned]}`;
    if (/^--(no-)?container-/.test(word))
      return `${word} would put the whole script into a container; use mount or runtime`;
  }
  return undefined;
}

/** getopt takes every unambiguous beginning of a name, so `--part=x` is --partition. */
function ownedLong(word: string): string | undefined {
  const name = word.slice(2).replace(/=.*$/s, '');
  if (name === '') return undefined;
  return name in OWNED ? name : Object.keys(OWNED).find((owned) => owned.startsWith(name));
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

/** One #SBATCH line may hold several options, in quotes too; sbatch takes the quotes away. */
function shellWords(line: string): string[] {
  const words = line.match(/(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\])+/g) ?? [];
  return words.map((word) => word.replace(/\\(.)/g, '$1').replace(/["']/g, ''));
}
