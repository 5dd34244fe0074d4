import type { LiveScreen, Output } from '../commands/context.js';
import { printable } from '../errors.js';
import { truncate } from '../text/width.js';

/** xterm's control sequences, which every terminal that can redraw knows. */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const END_LINE = '\u001b[K';
const END_SCREEN = '\u001b[J';

/** The whole terminal, on its second screen: what was there comes back at the end. Redrawn if its size changes. */
export function liveScreen(stream: NodeJS.WriteStream, output: Output): LiveScreen {
  let lines: (size: { columns: number; rows: number }) => string[] = () => [];
  let open = true;
  const draw = () => {
    const { columns, rows } = output;
    if (!open || columns === 0) return;
    const shown = lines({ columns, rows: rows || 24 }).map((line) => truncate(printable(line), columns));
    stream.write(HOME + shown.map((line) => line + END_LINE).join('\r\n') + END_SCREEN);
  };
  stream.write(ENTER);
  stream.on('resize', draw);
  return {
    draw: (make) => {
      lines = make;
      draw();
    },
    close: () => {
      if (!open) return;
      open = false;
      stream.off('resize', draw);
      stream.write(LEAVE);
    },
  };
}
