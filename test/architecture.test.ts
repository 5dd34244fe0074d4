import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Import, importsOf, sourceFiles } from './support/imports.js';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** What each room may import, itself aside; types count too. A new room needs a line here, so: a thought. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  quick: ['main', 'cli'],
  main: ['cli', 'errors', 'files', 'node'],
  cli: ['commands', 'config', 'errors', 'files', 'fleet', 'node', 'process', 'scheduler', 'text'],
  commands: [
    ...[
      'api',
      'bench',
      'checkout',
      'client',
      'config',
      'control',
      'doctor',
      'endpoints',
      'errors',
      'failures',
      'files',
      'fleet',
    ],
    ...[
      'gateway',
      'image',
      'import',
      'logs',
      'node',
      'machine',
      'process',
      'registry',
      'sandbox',
      'scheduler',
      'script',
      'state',
      'text',
    ],
  ],
  doctor: [
    ...[
      'api',
      'checkout',
      'config',
      'control',
      'endpoints',
      'errors',
      'failures',
      'files',
      'fleet',
      'image',
      'import',
    ],
    ...['process', 'registry', 'sandbox', 'scheduler', 'state', 'text'],
  ],
  control: [
    'api',
    'endpoints',
    'errors',
    'failures',
    'files',
    'fleet',
    'logs',
    'node',
    'scheduler',
    'script',
    'state',
    'text',
  ],
  bench: ['api', 'client', 'errors', 'text'],
  state: ['endpoints', 'errors', 'files', 'fleet', 'logs', 'scheduler', 'text'],
  import: ['config', 'errors', 'failures', 'files', 'image', 'process', 'registry', 'scheduler'],
  image: ['errors', 'failures', 'files', 'process', 'registry', 'text'],
  registry: ['errors', 'files', 'process', 'text'],
  scheduler: ['config', 'errors', 'files', 'fleet', 'machine', 'process'],
  endpoints: ['config', 'errors', 'files', 'fleet', 'script', 'text'],
  checkout: ['process', 'text'],
  client: ['api', 'endpoints', 'errors', 'http', 'node'],
  http: ['node'],
  gateway: ['api', 'errors', 'http', 'node', 'text'],
  sandbox: ['api', 'errors', 'http', 'machine', 'node', 'text'],
  script: ['api', 'config', 'errors', 'fleet', 'text'],
  failures: ['errors'],
  logs: ['errors', 'fleet'],
  fleet: ['config', 'errors', 'failures', 'text'],
  config: ['errors', 'node', 'text'],
  api: ['text'],
  files: ['errors', 'machine'],
  process: ['errors', 'node', 'text'],
  node: ['errors'],
  machine: [],
  text: [],
  errors: [],
};

/** Where a word of the outside world may stand: who acts, and what is too heavy to be everywhere. */
const ONLY_IN: Record<string, readonly string[]> = {
  execa: ['src/process/'],
  'node:child_process': ['src/sandbox/', 'src/node/', 'src/bench/methods/'],
  undici: ['src/registry/', 'src/client/', 'src/gateway/'],
  'node:http': ['src/sandbox/', 'src/gateway/', 'src/control/'],
  commander: ['src/cli/'],
  chalk: ['src/cli/'],
  ora: ['src/cli/'],
  yaml: ['src/config/'],
  handlebars: ['src/script/', 'src/endpoints/formats/'],
  zod: [
    ...['src/config/', 'src/api/', 'src/state/', 'src/endpoints/', 'src/client/'],
    'src/scheduler/local/',
  ],
  'prom-client': ['src/gateway/', 'src/sandbox/'],
};

/** They compute: same words in, same words out, on any machine. */
const PURE = [
  'src/fleet/',
  'src/failures/',
  'src/script/',
  'src/text/',
  'src/checkout/missing.ts',
  'src/doctor/check.ts',
  'src/doctor/checks/',
  'src/doctor/judgement.ts',
  'src/doctor/machine-facts.ts',
  'src/api/',
  'src/endpoints/schema.ts',
  'src/endpoints/select.ts',
  'src/endpoints/changes.ts',
  'src/scheduler/port.ts',
  'src/scheduler/slurm/argv.ts',
  'src/scheduler/slurm/parse.ts',
  'src/scheduler/slurm/parse-policy.ts',
  'src/scheduler/slurm/squeue.ts',
  'src/scheduler/local/judge.ts',
];
const ACTS = /^(node:(?!crypto$|path$|util$|buffer$|url$).*|execa|undici|ora|chalk|commander|prom-client)$/;

const VENDOR = /^src\/vendor\/(.*)\.ts$/;
const files = sourceFiles('src').filter((file) => !VENDOR.test(file));
const written = files.flatMap(importsOf);
/** What comes by way of src/vendor counts as the package. */
const imports = written.map((each) => ({ ...each, to: VENDOR.exec(each.to)?.[1] ?? each.to }));
const ours = imports.filter(({ to }) => to.startsWith('src/'));
const room = (file: string): string => /^src\/([^/.]+)/.exec(file)?.[1] ?? '';
const told = ({ from, to }: Import): string => `${from} -> ${to}`;

test('the arrows between rooms go one way', () => {
  const wrong = ours.filter(({ from, to }) => {
    const [here, there] = [room(from), room(to)];
    return here !== there && !MAY_IMPORT[here]?.includes(there);
  });
  expect(wrong.map(told)).toEqual([]);
});

test('the graph of the rooms has no cycle', () => {
  const finished = new Set<string>();
  const cycles: string[] = [];
  const walk = (from: string, path: readonly string[]): void => {
    if (path.includes(from)) cycles.push([...path.slice(path.indexOf(from)), from].join(' -> '));
    if (path.includes(from) || finished.has(from)) return;
    for (const to of MAY_IMPORT[from] ?? []) walk(to, [...path, from]);
    finished.add(from);
  };
  for (const from of Object.keys(MAY_IMPORT)) walk(from, []);
  expect(cycles).toEqual([]);
});

test('every arrow that is allowed is used, and every room exists', () => {
  const used = new Set(ours.map(({ from, to }) => `${room(from)} -> ${room(to)}`));
  const allowed = Object.entries(MAY_IMPORT).flatMap(([from, all]) => all.map((to) => `${from} -> ${to}`));
  expect(allowed.filter((arrow) => !used.has(arrow))).toEqual([]);
  expect(Object.keys(MAY_IMPORT).sort()).toEqual([...new Set(files.map(room))].sort());
});

test('each outside word has its places', () => {
  const wrong = imports.filter(
    ({ from, to, typeOnly }) => !typeOnly && ONLY_IN[to]?.every((place) => !from.startsWith(place)),
  );
  expect(wrong.map(told)).toEqual([]);
});

test('a package is loaded by way of src/vendor alone, which the build makes one file', () => {
  const wrong = written.filter(({ to, typeOnly }) => !typeOnly && !/^(src\/|node:)/.test(to));
  expect(wrong.map(told)).toEqual([]);
  const others = sourceFiles('src/vendor')
    .flatMap(importsOf)
    .filter(({ from, to }) => to !== VENDOR.exec(from)?.[1]);
  expect(others.map(told)).toEqual([]);
});

test('pure rooms reach nothing that acts', () => {
  const wrong = files
    .filter((file) => PURE.some((place) => file.startsWith(place)))
    .flatMap((file) => reached(file).filter(({ to }) => ACTS.test(to)));
  expect(wrong.map(told)).toEqual([]);
});

test('the wiring of the command line reaches nothing heavy before a command is called', () => {
  const heavy = /^(execa|ora|handlebars|zod|yaml|undici|chalk|prom-client)$/;
  const wiring = ['main', 'cli/program', 'cli/context', 'cli/program-run', 'cli/verbs', 'commands/endpoints'];
  const wrong = wiring.flatMap((name) => reached(`src/${name}.ts`).filter(({ to }) => heavy.test(to)));
  expect(wrong.map(told)).toEqual([]);
});

test('only cli chooses a scheduler', () => {
  const wrong = ours.filter(
    ({ from, to }) =>
      /^src\/scheduler\/\w+\//.test(to) && !/^src\/(scheduler\/|cli\/scheduler\.ts)/.test(from),
  );
  expect(wrong.map(told)).toEqual([]);
});

test('nothing is imported in a circle', () => {
  const next = new Map<string, string[]>();
  for (const { from, to, typeOnly } of ours) {
    if (!typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) circles.push([...path.slice(at), file].join(' -> '));
    if (at >= 0 || done.has(file)) return;
    for (const to of next.get(file) ?? []) walk(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  expect(circles).toEqual([]);
});

/** Every import that loading a file brings along: what is lazy or only a type stays out. */
function reached(file: string, seen = new Set<string>()): Import[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const direct = imports.filter((each) => each.from === file && !each.typeOnly && !each.lazy);
  return [...direct, ...direct.flatMap(({ to }) => reached(to, seen))];
}
