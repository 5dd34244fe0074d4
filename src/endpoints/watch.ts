import { messageOf } from '../errors.js';
import type { EventBody } from '../fleet/events.js';
import { changesBetween } from './changes.js';
import type { EndpointsFile } from './schema.js';

/** Reading costs no scheduler anything; NFS shows a new file only seconds later anyhow. Milliseconds. */
const LOOK_EVERY_MS = 1_000;

export interface WatchedChange {
  events: EventBody[];
  file: EndpointsFile;
}

export interface WatchOptions {
  /** The current selection; may throw, which changes nothing. */
  read: () => Promise<EndpointsFile>;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
  /** Told once for each new reason why a look failed. */
  onFailure: (words: string) => void;
}

/** Yields at each change; first everything that `first` lists, as added. */
export async function* watchEndpoints(
  first: EndpointsFile,
  { read, sleep, signal, onFailure }: WatchOptions,
): AsyncGenerator<WatchedChange> {
  yield { events: changesBetween(undefined, first), file: first };
  let known = first;
  let failure = '';
  while (!signal.aborted) {
    await sleep(LOOK_EVERY_MS, signal);
    if (signal.aborted) return;
    try {
      const file = await read();
      failure = '';
      const events = changesBetween(known, file);
      known = file;
      if (events.length > 0) yield { events, file };
    } catch (error) {
      if (messageOf(error) !== failure) onFailure(messageOf(error));
      failure = messageOf(error);
    }
  }
}
