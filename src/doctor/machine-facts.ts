export type FolderRole = 'state' | 'images' | 'logs' | 'temp' | 'cache' | 'shm';

export interface FolderFacts {
  path: string;
  there: boolean;
  writable: boolean;
  /** KiB for this user. */
  freeKib: number;
  /** 0 where the file system counts none. */
  freeInodes: number;
  /** As stat(1) names it: `tmpfs`, `nfs`, `ext2/ext3`, ... */
  kind: string;
}

/** How a server answered to a program. */
export interface Reached {
  ms: number;
  /** Of HTTP. */
  code: number;
  /** What the answer says the program printed, up to the first character that is no letter or digit. */
  printed: string;
}

/** What templates/doctor.sh reports of a machine. What is missing is null, empty or false. */
export interface MachineFacts {
  node: string;
  /** Seconds since the epoch by its clock. */
  clock: number;
  kernel: string;
  /** The kernel's name, such as x86_64. */
  architecture: string;
  root: boolean;
  cpus: number;
  cpusHardware: number;
  cpusSlurm: number | null;
  openFiles: number;
  /** Paths of tools by name. */
  tools: ReadonlyMap<string, string>;
  python: string | null;
  nodejs: string | null;
  /** Whether sandboxctl's own program can be read there. */
  program: boolean;
  pyxis: boolean;
  enroot: string | null;
  /** Whether enroot's helpers have their file capabilities; null where that cannot be seen. */
  enrootCapabilities: boolean | null;
  /** Where enroot unpacks containers. */
  enrootData: { shared: boolean; kind: string; path: string } | null;
  /** The kernel's switches for user namespaces: path and value. */
  switches: ReadonlyMap<string, string>;
  /** Empty where it works, else the tool's own words; null where the tool is missing. */
  unshare: string | null;
  bwrap: string | null;
  seccomp: boolean;
  cgroup: 'v1' | 'v2' | null;
  folders: ReadonlyMap<FolderRole, FolderFacts>;
  portsTaken: readonly number[];
  /** The answer of the registry, or curl's own words; null where it was not asked. */
  registry: { code: number; seconds: number } | { words: string } | null;
  /** Whether Slurm's controller answers there; null where there is no scontrol. */
  controller: { ok: boolean; words: string } | null;
  /** Whether the image can be read there; null where none was named. */
  image: boolean | null;
  checkout: boolean | null;
  /** The servers that answer there, by name. */
  reached: ReadonlyMap<string, Reached>;
  /** Whether the file that we wrote was seen, and after how many seconds. */
  markSeen: { seconds: number; value: string } | null;
  markWritten: boolean;
  /** Parts that gave no answer in time. */
  hung: readonly string[];
}

export function parseMachine(printed: string): MachineFacts {
  const lines = printed.split('\n');
  const all = (key: string) =>
    lines.flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1).trim()] : []));
  const text = (key: string): string | null => all(key)[0] || null;
  const number = (key: string): number => Number(text(key) ?? 0);
  const ended = new Set(all('end'));
  return {
    node: text('node') ?? '',
    clock: number('clock'),
    kernel: text('kernel') ?? '',
    architecture: text('architecture') ?? '',
    root: text('uid') === '0',
    cpus: number('cpus'),
    cpusHardware: number('cpus_hardware'),
    cpusSlurm: text('cpus_slurm') === null ? null : number('cpus_slurm'),
    openFiles: text('open_files') === 'unlimited' ? Number.POSITIVE_INFINITY : number('open_files'),
    tools: new Map(all('tool').map(pair)),
    python: text('python'),
    nodejs: text('nodejs'),
    program: text('program') === 'yes',
    pyxis: text('pyxis') === 'yes',
    enroot: lines.some((line) => /^enroot( |$)/.test(line)) ? (text('enroot') ?? '') : null,
    enrootCapabilities: text('enroot_caps') === null ? null : text('enroot_caps') === 'yes',
    enrootData: dataOf(text('enroot_data')),
    switches: new Map(all('switch').map(pair)),
    unshare: wordsOf(text('unshare')),
    bwrap: wordsOf(text('bwrap')),
    seccomp: text('seccomp') === 'yes',
    cgroup: (text('cgroup') as 'v1' | 'v2' | null) ?? null,
    folders: new Map(all('folder').flatMap(folderOf)),
    portsTaken: (text('ports_taken') ?? '').split(' ').filter(Boolean).map(Number),
    registry: registryOf(text('registry')),
    controller: controllerOf(text('controller')),
    image: text('image') === null ? null : text('image') === 'yes',
    checkout: text('checkout') === null ? null : text('checkout') === 'yes',
    reached: new Map(all('reached').flatMap(reachedOf)),
    markSeen: markOf(text('mark_seen')),
    markWritten: text('mark_written') === 'yes',
    hung: all('begin').filter((part) => !ended.has(part)),
  };
}

function reachedOf(line: string): [string, Reached][] {
  const [name = '', ms, code, printed = ''] = line.split(' ');
  return name === '' ? [] : [[name, { ms: Number(ms), code: Number(code), printed }]];
}

function pair(line: string): [string, string] {
  const at = line.indexOf(' ');
  return [line.slice(0, at), line.slice(at + 1)];
}

function wordsOf(line: string | null): string | null {
  if (line === null) return null;
  return line === 'on' ? '' : line.replace(/^off ?/, '') || 'it failed without a word';
}

function dataOf(line: string | null): MachineFacts['enrootData'] {
  if (line === null) return null;
  const [whose, rest] = pair(line);
  const [kind, path] = pair(rest);
  return { shared: whose === 'shared', kind, path };
}

function folderOf(line: string): [FolderRole, FolderFacts][] {
  const match = /^(\w+) (there|missing) (writable|no) (\d+) (\d+) (\S+) (.*)$/.exec(line);
  if (match === null) return [];
  const [, role, there, writable, free, inodes, kind = '', path = ''] = match;
  return [
    [
      role as FolderRole,
      {
        path,
        there: there === 'there',
        writable: writable === 'writable',
        freeKib: Number(free),
        freeInodes: Number(inodes),
        kind,
      },
    ],
  ];
}

function registryOf(line: string | null): MachineFacts['registry'] {
  if (line === null) return null;
  const [, code, seconds] = /^answered (\d+) ([\d.]+)/.exec(line) ?? [];
  if (code !== undefined) return { code: Number(code), seconds: Number(seconds) };
  return { words: line.replace(/^failed /, '').trim() };
}

function controllerOf(line: string | null): MachineFacts['controller'] {
  if (line === null) return null;
  const [code, words] = pair(`${line} `);
  return { ok: code === '0' && /\bUP\b/.test(words), words: words.trim() };
}

function markOf(line: string | null): MachineFacts['markSeen'] {
  if (line === null) return null;
  const [tenths, value] = pair(line);
  return { seconds: Number(tenths) / 10, value };
}
