import type { Output, Progress } from '../commands/context.js';

/** Milliseconds between redraws: once a second, since seconds are all that changes. */
const REDRAW_MS = 1_000;

/** One live line on a terminal, one line per phase elsewhere. */
export function showProgress(output: Output, now: () => number): Progress {
  // Without a known width a live line would wrap and leave its remains.
  const live = output.isTTY && output.columns > 0;
  let current: { text: string; since: number } | undefined;
  let timer: NodeJS.Timeout | undefined;

  const clear = () => {
    if (live && current !== undefined) output.write('\r\u001b[K');
  };
  const draw = () => {
    if (current === undefined) return;
    const seconds = Math.floor((now() - current.since) / 1000);
    const text = seconds < 1 ? current.text : `${current.text} ${seconds} s`;
    output.write(`\r\u001b[K${text.slice(0, output.columns - 1)}`);
  };
  return {
    phase(text) {
      if (current?.text === text) return;
      current = { text, since: now() };
      if (!live) {
        output.line(text);
        return;
      }
      draw();
      timer ??= setInterval(draw, REDRAW_MS).unref();
    },
    note(text) {
      clear();
      output.line(text);
      if (live) draw();
    },
    close() {
      clearInterval(timer);
      clear();
      current = undefined;
    },
  };
}
