/**
 * What one job of a fleet serves: a server, by its instance number from 0 on, or the gateway. Files, scripts and
 * events write the gateway as the number -1, as older versions do; `slotNumber` and `slotOf` convert.
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

/** In log file names, tables and arguments of `logs`: `0`, `1`, `gateway`. */
export const slotName = (slot: Slot): string => String(slot);

/** The gateway comes last. */
export function compareSlots(a: Slot, b: Slot): number {
  if (a === 'gateway' || b === 'gateway') return Number(a === 'gateway') - Number(b === 'gateway');
  return a - b;
}
