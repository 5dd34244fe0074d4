import { CLIENTS, type Client, type Told } from './clients.js';
import type { Setting } from './faults.js';
import type { Outcomes } from './outcomes.js';
import { ROWS } from './rows.js';

const AGREED = 'both servers say the same, and pass their health checks: nothing shows that they are wrong';

/** Rows that are wrong for clients that could tell, and why nobody can help it. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  'all: every program fails, health checks do not': AGREED,
  'all: every program times out at once, health checks do not': AGREED,
  'all: every output is lost, but that of health checks': AGREED,
  'all: too little CPU time':
    'these servers do not say how much CPU time a program had, and no other has more. `serve` says so, and extends its limit',
};

/** Clients that could tell an error, but believe whatever an only server answers. */
const BELIEVERS = ['SDK', 'curl'];

export interface Breach {
  row: string;
  client: string;
  told: Told;
}

/** Every cell is right, or an error where the client's own code allows any. */
export function breachesOf(outcomes: Outcomes): Breach[] {
  return ROWS.flatMap(({ name, setting }) =>
    CLIENTS.flatMap((client) => {
      const told = outcomes[name]?.[client.name] ?? 'stuck';
      return isAllowed(told, client, setting) ? [] : [{ row: name, client: client.name, told }];
    }),
  );
}

function isAllowed(told: Told, { confuses, name }: Client, setting: Setting): boolean {
  if (told === 'right') return true;
  if (setting === 'gateway') return false;
  if (confuses !== null) return true;
  return told === 'masked' || (setting === 'direct' && BELIEVERS.includes(name));
}
