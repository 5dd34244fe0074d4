import type { Output, Reporter } from '../../commands/context.js';
import { type FleetEvent, failure } from '../../fleet/events.js';
import type { Ending } from '../program-run.js';

export interface JsonReporter extends Reporter {
  /** The fleet of the last line, if no event has named one. */
  name(fleet: string): void;
  end(ending: Ending): void;
}

export function jsonReporter(
  stdout: Output,
  now: () => number,
  hintFor: (hint: string) => string,
): JsonReporter {
  let name = '';
  let ended = false;
  const event = (each: FleetEvent) => {
    name = each.fleet;
    ended ||= each.type === 'result';
    const error = each.data?.error as { hint: string } | undefined;
    const data =
      error === undefined ? each.data : { ...each.data, error: { ...error, hint: hintFor(error.hint) } };
    stdout.line(JSON.stringify({ ...each, data }));
  };
  return {
    event,
    name: (fleet) => {
      name = fleet;
    },
    view: () => undefined,
    close: () => undefined,
    end: ({ code, error }) => {
      if (ended) return;
      event({
        schema_version: 1,
        time: new Date(now()).toISOString(),
        fleet: name,
        ...(error === undefined ? { type: 'result', data: { exit_code: code } } : failure(error)),
      });
    },
  };
}
