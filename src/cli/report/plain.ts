import type { Output, Reporter } from '../../commands/context.js';
import { eventLine } from '../../fleet/event-line.js';

export function plainReporter(stderr: Output): Reporter {
  return {
    event: (event) => {
      // The error itself is printed right after, with its hint.
      if (event.type === 'result' && event.data?.error !== undefined) return;
      stderr.line(`${clockTime(event.time)} ${eventLine(event)}`);
    },
    view: () => undefined,
    close: () => undefined,
  };
}

export function clockTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : time.toTimeString().slice(0, 8);
}
