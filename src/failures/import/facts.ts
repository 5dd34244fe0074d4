/** What the import script told about the machine where it ran, and what it found wrong. */
export interface ImportFacts {
  node: string | null;
  enroot: string | null;
  squashfsTools: string | null;
  /** Files that unsquashfs listed; null where it is not installed there. */
  listed: number | null;
  /** `NAME=VALUE (origin)`, as -v shows them. */
  settings: string[];
  noSpace: NoSpace | null;
  noFolder: { what: string; folder: string } | null;
}

interface NoSpace {
  what: 'cache' | 'temp' | 'target';
  folder: string;
  freeKib: number;
  needKib: number;
}

export function newFacts(): ImportFacts {
  return {
    node: null,
    enroot: null,
    squashfsTools: null,
    listed: null,
    settings: [],
    noSpace: null,
    noFolder: null,
  };
}

const PREFIX = 'sandboxctl: ';

/** Takes one line of stderr into `facts`; false where the line is not the script's own. */
export function takeFact(facts: ImportFacts, line: string): boolean {
  if (!line.startsWith(PREFIX)) return false;
  const [word = '', ...rest] = line.slice(PREFIX.length).split(' ');
  const value = rest.join(' ');
  const known: Record<string, () => void> = {
    node: () => {
      facts.node = value;
    },
    enroot: () => {
      facts.enroot = value === '' ? null : value;
    },
    'squashfs-tools': () => {
      facts.squashfsTools = value === '' ? null : value;
    },
    listed: () => {
      facts.listed = Number(value);
    },
    setting: () => {
      facts.settings.push(value);
    },
    'no-space': () => {
      facts.noSpace = readNoSpace(value);
    },
    'no-folder': () => {
      facts.noFolder = { what: rest[0] ?? '', folder: rest.slice(1).join(' ') };
    },
  };
  known[word]?.();
  return true;
}

function readNoSpace(value: string): NoSpace | null {
  const match = /^(cache|temp|target) (\d+) (\d+) (.*)$/.exec(value);
  if (match === null) return null;
  return {
    what: match[1] as NoSpace['what'],
    freeKib: Number(match[2]),
    needKib: Number(match[3]),
    folder: match[4] ?? '',
  };
}

/** The phase that a line of stderr begins, in enroot's own words, or undefined. */
export function phaseOf(line: string): string | undefined {
  const own = /^sandboxctl: phase (.*)$/.exec(line)?.[1];
  if (own !== undefined) return own;
  const waiting = /^srun: (job \S+ (?:queued and waiting for resources|has been allocated resources))/.exec(
    line,
  );
  if (waiting !== null) return waiting[1];
  const info = /^\[INFO\] (.*)$/.exec(line)?.[1];
  return info !== undefined && PHASES.some((phase) => info.startsWith(phase)) ? info : undefined;
}

const PHASES = [
  'Querying registry',
  'Fetching image manifest',
  'Downloading ',
  'Found all layers',
  'Extracting image layers',
  'Converting whiteouts',
  'Creating squashfs filesystem',
];
