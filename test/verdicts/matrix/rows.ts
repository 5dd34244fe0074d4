import { FAULTS, type Fault, SETTINGS, type Setting } from './faults.js';

export interface Row {
  name: string;
  fault: Fault;
  setting: Setting;
}

/** A stub has no CPU to run out of, and a server that was taken away is one where nobody listens. */
const isSensible = ({ event, burst }: Fault, setting: Setting) =>
  setting === 'gateway' || (burst === undefined && event !== 'scale-down');

export const ROWS: readonly Row[] = FAULTS.flatMap((fault) =>
  SETTINGS.filter((setting) => isSensible(fault, setting)).map((setting) => ({
    ...{ fault, setting },
    name: `${setting}: ${fault.name}`,
  })),
);
