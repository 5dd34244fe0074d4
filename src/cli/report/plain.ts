import type { Output, Reporter } from '../../commands/context.js';
import { eventLine } from './line.js';

/** One line for every event, for logs and pipes: no colour, no cursor codes. */
export function plainReporter(stderr: Output): Reporter {
  return {
    event: (event) => {
      // A failure is told as an error right after, with its hint.
      if (event.type === 'result' && event.data?.error !== undefined) return;
      stderr.line(`${clockTime(event.time)} ${eventLine(event)}`);
    },
    view: () => undefined,
    close: () => undefined,
  };
}

/** HH:MM:SS where the reader is. */
export function clockTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : time.toTimeString().slice(0, 8);
}
