import type { Output, Reporter } from '../../commands/context.js';
import { eventLine } from '../../fleet/event-line.js';
import type { FleetEvent } from '../../fleet/events.js';
import type { InstanceState, InstanceView } from '../../fleet/instance.js';
import { formatElapsed } from '../../text/duration.js';
import { truncate } from '../../text/width.js';
import type { ChalkInstance } from '../../vendor/chalk.js';
import ora from '../../vendor/ora.js';
import { plainReporter } from './plain.js';
import { counts, notReadyRows } from './rows.js';

const REDRAW_MS = 120;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const COLORS = {
  pending: 'yellow',
  starting: 'cyan',
  ready: 'green',
  unhealthy: 'red',
  draining: 'magenta',
  gone: 'red',
} as const satisfies Record<InstanceState, string>;

export interface LiveReporter extends Reporter {
  pause(): void;
  resume(): void;
}

/** Redrawn in place; events that should stay are printed above. With a width of 0 ora 9 would never return. */
export function liveReporter(
  stream: NodeJS.WriteStream,
  stderr: Output,
  chalk: ChalkInstance,
  now: () => number,
): LiveReporter {
  const began = now();
  const lasting = plainReporter(stderr);
  let instances: readonly InstanceView[] = [];
  let latest = 'waiting';
  let paused = false;
  const spinner = ora({
    stream,
    color: false,
    isEnabled: true,
    // ora would set raw mode, where Ctrl-Z and answers to questions are lost.
    discardStdin: false,
    spinner: { frames: FRAMES.map((frame) => chalk.cyan(frame)), interval: REDRAW_MS },
    // A function, since ora calls it at every redraw: time and terminal width change.
    suffixText: () => draw(),
  });
  const draw = () => {
    // The last column stays free: some terminals wrap after it.
    const columns = stderr.columns - 1;
    const running = formatElapsed(now() - began);
    const head = truncate(`${instances.length === 0 ? latest : counts(instances)}  ${running}`, columns - 4);
    const screen = { columns, rows: (stderr.rows || 24) - 2, now: now(), style };
    return [head, ...notReadyRows(instances, screen)].join('\n');
  };
  const style = (state: InstanceState, text: string) => chalk[COLORS[state]](text);
  const onResize = () => {
    if (stderr.columns === 0) spinner.stop();
  };
  stream.on('resize', onResize);
  return {
    event: (event) => {
      latest = eventLine(event);
      if (lasts(event)) lasting.event(event);
      if (!spinner.isSpinning && stderr.columns > 0) spinner.start();
    },
    view: (seen) => {
      instances = seen;
      if (!spinner.isSpinning && stderr.columns > 0) spinner.start();
    },
    pause: () => {
      paused = spinner.isSpinning;
      spinner.stop();
    },
    resume: () => {
      if (paused) spinner.start();
    },
    close: () => {
      stream.off('resize', onResize);
      spinner.stop();
    },
  };
}

function lasts({ type, state }: FleetEvent): boolean {
  if (type === 'instance') return state === 'unhealthy' || state === 'gone';
  return type !== 'endpoints';
}
