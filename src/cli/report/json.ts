import type { Output, Reporter } from '../../commands/context.js';
import type { FleetEvent } from '../../fleet/events.js';
import { asJson } from '../errors.js';
import type { Ending } from '../session.js';

export interface JsonReporter extends Reporter {
  /** Writes the last line, type `result`, where the command did not get to it. */
  end(ending: Ending): void;
}

/** Events as NDJSON on stdout. */
export function jsonReporter(stdout: Output, fleet: string, now: () => number): JsonReporter {
  let name = fleet;
  let ended = false;
  const event = (each: FleetEvent) => {
    name = each.fleet;
    ended ||= each.type === 'result';
    stdout.line(JSON.stringify(each));
  };
  return {
    event,
    view: () => undefined,
    close: () => undefined,
    end: ({ code, error }) => {
      if (ended) return;
      event({
        schema_version: 1,
        time: new Date(now()).toISOString(),
        fleet: name,
        type: 'result',
        ...(error === undefined ? {} : { reason: error.message }),
        data: { exit_code: code, ...(error === undefined ? {} : { error: asJson(error) }) },
      });
    },
  };
}
