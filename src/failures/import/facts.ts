import type { Facts } from '../rule.js';
import { parseScriptLine } from '../script-line.js';

export interface ImportFacts {
  node: string | null;
  enroot: string | null;
  squashfsTools: string | null;
  /** Files that unsquashfs listed; null if it is not installed there. */
  listed: number | null;
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

export function takeFact(facts: ImportFacts, line: string): boolean {
  const own = parseScriptLine(line);
  if (own === undefined) return false;
  const { event, values } = own;
  const known: Record<string, () => void> = {
    node: () => {
      facts.node = values.name ?? null;
    },
    enroot: () => {
      facts.enroot = values.version || null;
    },
    'squashfs-tools': () => {
      facts.squashfsTools = values.version || null;
    },
    listed: () => {
      facts.listed = Number(values.files);
    },
    setting: () => {
      facts.settings.push(`${values.name}=${values.value} (${values.origin})`);
    },
    'no-space': () => {
      facts.noSpace = readNoSpace(values);
    },
    'no-folder': () => {
      facts.noFolder = { what: values.role ?? '', folder: values.folder ?? '' };
    },
  };
  known[event]?.();
  return true;
}

function readNoSpace({ role, folder = '', free_kib, need_kib }: Facts): NoSpace | null {
  if (role !== 'cache' && role !== 'temp' && role !== 'target') return null;
  return { what: role, freeKib: Number(free_kib), needKib: Number(need_kib), folder };
}

export function phaseOf(line: string): string | undefined {
  const own = parseScriptLine(line);
  if (own?.event === 'phase') return own.values.name;
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
