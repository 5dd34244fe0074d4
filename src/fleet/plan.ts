import { type Slot, slotNumber } from './slot.js';

export interface Submission {
  id: string;
  instances: Slot[];
  array: string | null;
  /** instance = array task + offset; for a plain job the slot's number. */
  offset: number;
}

/** Array tasks are below MaxArraySize: further instances go into an array with an offset. Below 2: no arrays. */
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

export function renderRanges(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === number) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
