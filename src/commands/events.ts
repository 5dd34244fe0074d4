import type { FleetEvent } from '../fleet/events.js';
import { follower } from '../logs/follow.js';
import { fleetStore } from '../state/store.js';
import { parseObject } from '../text/json-object.js';
import { absentFleet } from './absent-fleet.js';
import { chooseFleet } from './choose-fleet.js';
import type { Context } from './context.js';

export interface EventsOptions {
  flags: Readonly<Record<string, unknown>>;
  follow?: boolean;
  describe: (event: FleetEvent) => string;
}

const LOOK_MS = 500;
const NEWLINE = 0x0a;

/** A line for each event on a terminal, NDJSON in a pipe. Throws kind `absent` without a fleet. */
export async function events(context: Context, options: EventsOptions): Promise<void> {
  const { io, clock, signal } = context;
  const fleet = await chooseFleet(context);
  const store = fleetStore(context.stateFolder, fleet);
  const show = (event: FleetEvent, line: string) =>
    io.stdout.line(io.stdout.isTTY ? `${localTime(event.time)}  ${options.describe(event)}` : line);
  const { begin, look } = follower(store.folders.events, { emit: eachEvent(show), onLost: () => undefined });
  const began = await begin(Number.POSITIVE_INFINITY);
  if (!began && (await store.readSpec()) === undefined) {
    throw await absentFleet(context.stateFolder, fleet);
  }
  while (options.follow && !signal.aborted) {
    await clock.sleep(LOOK_MS, signal);
    if (!signal.aborted) await look();
  }
}

function eachEvent(take: (event: FleetEvent, line: string) => void) {
  let open: Buffer = Buffer.alloc(0);
  return async (bytes: Buffer): Promise<void> => {
    let rest = Buffer.concat([open, bytes]);
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      const line = rest.subarray(0, at).toString('utf8');
      const event = parse(line);
      if (event !== undefined) take(event, line);
      rest = rest.subarray(at + 1);
    }
    open = rest;
  };
}

/** `2026-01-31 13:45:09` where the reader is: events lie days apart. */
function localTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : time.toLocaleString('sv-SE');
}

function parse(line: string): FleetEvent | undefined {
  const value = parseObject(line);
  return value !== undefined && 'type' in value ? (value as unknown as FleetEvent) : undefined;
}
