import { DAY, HOUR, MINUTE } from '../text/duration.js';

const SIZES = { T: 1024 ** 4, G: 1024 ** 3, M: 1024 ** 2, K: 1024, B: 1 } as const;

/**
 * Bytes of `50M` or `512KiB`, in multiples of 1024. A number without a unit is refused: tools read it differently.
 */
export function parseSize(text: string): number | undefined {
  const parts = /^(\d{1,9})(?:([KMGT])(?:i?B)?|(B))$/i.exec(text);
  if (parts === null) return undefined;
  const letter = (parts[2] ?? 'B').toUpperCase() as keyof typeof SIZES;
  const bytes = Number(parts[1]) * SIZES[letter];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

export function formatSize(bytes: number): string {
  for (const [letter, size] of Object.entries(SIZES)) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${letter}`;
  }
  return `${bytes}B`;
}

/** Seconds of a time as sbatch and squeue write it. Null for UNLIMITED or INFINITE; undefined for anything else. */
export function parseSlurmTime(text: string): number | null | undefined {
  if (/^(unlimited|infinite)$/i.test(text)) return null;
  const parts = /^(?:(\d{1,6})-)?(\d{1,10})(?::(\d{1,10}))?(?::(\d{1,10}))?$/.exec(text);
  if (parts === null) return undefined;
  const [, days, ...fields] = parts;
  const [first = 0, second, third] = fields
    .filter((field) => field !== undefined)
    .map((field) => Number(field));
  // With days, the fields start with hours. Without, two fields are mm:ss and three are hh:mm:ss.
  if (days !== undefined) return Number(days) * DAY + clock(first, second, third);
  if (third !== undefined) return clock(first, second, third);
  return first * MINUTE + (second ?? 0);
}

/** Seconds, or null for no limit; undefined for a text that sbatch refuses. Measured with Slurm 22.05. */
export function parseTimeLimit(text: string): number | null | undefined {
  if (/^-\d{1,10}$/.test(text)) return null;
  const seconds = parseSlurmTime(text.replace(/^(\d{1,6})-$/, '$1-0'));
  return seconds === 0 ? null : seconds;
}

function clock(hours: number, minutes = 0, seconds = 0): number {
  return hours * HOUR + minutes * MINUTE + seconds;
}

export function formatSlurmTime(seconds: number | null): string {
  if (seconds === null) return 'UNLIMITED';
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const rest = seconds % DAY;
  const days = Math.floor(seconds / DAY);
  return `${days}-${two(rest / HOUR)}:${two((rest % HOUR) / MINUTE)}:${two(rest % MINUTE)}`;
}

export interface PortRange {
  first: number;
  last: number;
}

export function parsePortRange(text: string): PortRange | undefined {
  const parts = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  if (parts === null) return undefined;
  const range = { first: Number(parts[1]), last: Number(parts[2]) };
  return range.first >= 1 && range.first <= range.last && range.last <= 65_535 ? range : undefined;
}
