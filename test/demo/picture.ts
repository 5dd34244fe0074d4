import { writeFile } from 'node:fs/promises';
import { Screen } from './screen.js';
import { type Stage, setStage } from './stage.js';
import { type Frame, terminalSvg } from './svg.js';

/** Writes docs/deploy.svg: what a terminal shows of a real deploy on a test cluster, in its real time. */
const [COLUMNS, ROWS] = [104, 30];
const LINES = ['sandboxctl deploy --nodes 4 --partition cpuonly', 'sandboxctl endpoints'];

const stage = await setStage({}, (step) => console.log(`# ${step}`));
try {
  await stage.cluster.run(['sandboxctl', 'import-image'], { env: stage.env });
  const frames = await record(stage);
  await writeFile(
    'docs/deploy.svg',
    terminalSvg(frames, COLUMNS, 'sandboxctl deploys four servers on a Slurm cluster'),
  );
  console.log(`docs/deploy.svg: ${frames.length} frames`);
} finally {
  await stage.down();
}

/** Runs the lines on a terminal and keeps a frame of each state of its screen that lasted. */
async function record({ cluster, env }: Stage): Promise<Frame[]> {
  const shown = LINES.map((line) => `printf '$ %s\\n' '${line}'; sleep 1; ${line}; printf '\\n'`);
  const script = [`stty cols ${COLUMNS} rows ${ROWS}`, ...shown, 'sleep 0.2'].join('; ');
  const child = cluster.spawn(['script', '-qefc', script, '/dev/null'], {
    env: { ...env, TERM: 'xterm-256color' },
    input: '',
  });
  const [screen, frames] = [new Screen(COLUMNS), [] as Frame[]];
  const began = performance.now();
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    screen.write(chunk);
    const [at, rows] = [(performance.now() - began) / 1000, screen.rows()];
    // A frame shorter than this is a redraw under way.
    if (at - (frames.at(-1)?.at ?? -1) < 0.08) frames.pop();
    frames.push({ at: frames.length === 0 ? 0 : at, rows });
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the recorded lines ended with ${code}`);
  return frames.map(({ at, rows }) => ({ at, rows: trimmed(rows) }));
}

function trimmed(rows: Frame['rows']): Frame['rows'] {
  const last = rows.findLastIndex((spans) => spans.some(({ text }) => text.trim() !== ''));
  return rows.slice(0, last + 1);
}
