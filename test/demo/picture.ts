import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { Screen } from './screen.js';
import { type Frame, terminalSvg } from './svg.js';

/** Writes docs/deploy.svg: what a terminal shows of `npm run demo`, in its real time but for npm's own. */
const [COLUMNS, ROWS] = [96, 40];
const TYPED = 'npm install && npm run demo';

const frames = await record();
const title =
  'npm run demo deploys two servers on this machine, runs a program in one of them, and stops them';
await writeFile('docs/deploy.svg', terminalSvg(frames, COLUMNS, title));
console.log(`docs/deploy.svg: ${frames.length} frames`);

/** Runs the demo on a terminal and keeps a frame of each state of its screen that lasted. */
async function record(): Promise<Frame[]> {
  const script = [
    `stty cols ${COLUMNS} rows ${ROWS}`,
    `printf '\\033[36m$ %s\\033[39m\\n\\n' '${TYPED}'; sleep 1`,
    `'${process.execPath}' --import tsx test/demo/main.ts`,
  ].join('; ');
  const child = spawn('script', ['-qefc', script, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm-256color' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [screen, frames] = [new Screen(COLUMNS), [] as Frame[]];
  const began = performance.now();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    screen.write(chunk);
    const [at, rows] = [(performance.now() - began) / 1000, screen.rows()];
    // A frame shorter than this is a redraw under way.
    if (at - (frames.at(-1)?.at ?? -1) < 0.08) frames.pop();
    frames.push({ at: frames.length === 0 ? 0 : at, rows });
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the demo ended with ${code}`);
  return frames.map(({ at, rows }) => ({ at, rows: trimmed(rows) }));
}

function trimmed(rows: Frame['rows']): Frame['rows'] {
  const last = rows.findLastIndex((spans) => spans.some(({ text }) => text.trim() !== ''));
  return rows.slice(0, last + 1);
}
