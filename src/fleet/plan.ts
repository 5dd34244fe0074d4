import { type Slot, slotNumber } from './slot.js';

/** One sbatch: a job array, or a plain job where the cluster has no arrays. */
export interface Submission {
  id: string;
  instances: Slot[];
  /** For --array, such as `0-3` or `2,5`; null for a plain job. */
  array: string | null;
  /** instance = array task + offset; for a plain job the slot's number. */
  offset: number;
}

/**
 * Splits instances into submissions. Array tasks are below MaxArraySize, so instances past it go into an
 * array of their own with an offset. `maxArraySize` below 2 means that the cluster has arrays switched off.
 */
export function planSubmissions(
  slots: readonly Slot[],
  maxArraySize: number,
  newId: () => string,
): Submission[] {
  const plain = (slot: Slot): Submission => ({
    ...{ id: newId(), instances: [slot], array: null, offset: slotNumber(slot) },
  });
  const sorted = slots.filter((slot) => slot !== 'gateway').sort((a, b) => a - b);
  const gateway = slots.includes('gateway') ? [plain('gateway')] : [];
  if (maxArraySize < 2) return [...sorted.map(plain), ...gateway];
  const blocks = new Map<number, number[]>();
  for (const instance of sorted) {
    const offset = Math.floor(instance / maxArraySize) * maxArraySize;
    blocks.set(offset, [...(blocks.get(offset) ?? []), instance]);
  }
  const arrays = [...blocks].map(([offset, members]) => ({
    id: newId(),
    instances: members,
    array: renderRanges(members.map((instance) => instance - offset)),
    offset,
  }));
  return [...arrays, ...gateway];
}

/** `[0,1,2,5]` as `0-2,5`; the numbers are sorted. */
export function renderRanges(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === number) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
