/**
 * What a job runs: a server, by its instance number from 0 on, or the gateway, which files and events write as -1.
 */
export type Slot = number | 'gateway';

export type Role = 'server' | 'gateway';

const GATEWAY_NUMBER = -1;

export function slotNumber(slot: Slot): number {
  return slot === 'gateway' ? GATEWAY_NUMBER : slot;
}

export function slotOf(number: number): Slot {
  return number === GATEWAY_NUMBER ? 'gateway' : number;
}

export function roleOf(slot: Slot): Role {
  return slot === 'gateway' ? 'gateway' : 'server';
}

export const slotName = (slot: Slot): string => String(slot);

export function compareSlots(a: Slot, b: Slot): number {
  if (a === 'gateway' || b === 'gateway') return Number(a === 'gateway') - Number(b === 'gateway');
  return a - b;
}
