import { spawnSync } from 'node:child_process';
import { closeSync, readSync } from 'node:fs';
import { executableFile, unnamedFile } from '../../process/unnamed-file.js';
import { WAITED, waitedCode } from '../lite/report.js';
import { waiter } from '../lite/waiter.js';

/** By descriptor 4, since it writes to 3; then the three words that it becomes at the end: none. */
const WORDS = ['/proc/self/fd/4', '', '', ''];
const LINE = 4;

export interface Ending {
  words: readonly string[];
  stdio: readonly number[];
  /** The exit code, negative for a signal; null: it could not be started; undefined: not reported. */
  code(): number | null | undefined;
  close(): void;
}

/**
 * Node cannot tell signals beyond 31 from an exit code of 0, and a shell neither; the waiter can. `make` is undefined if it cannot run:
 * there is none for this machine, or no folder for it from which programs may be executed.
 */
export class Endings {
  readonly make: (() => Ending) | undefined;
  private readonly file: number | undefined;

  constructor() {
    const code = waiter(process.arch);
    const file = code && executableFile(code, runs);
    this.file = file;
    if (file !== undefined) this.make = () => endingBy(file);
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
  }
}

function runs(file: number): boolean {
  const { words, stdio, code, close } = endingBy(file);
  const [path = '', ...args] = words;
  spawnSync(path, [...args, '/bin/true'], { stdio: ['ignore', 'ignore', 'ignore', ...stdio] });
  const told = code();
  close();
  return told === 0;
}

function endingBy(file: number): Ending {
  const report = unnamedFile('');
  return {
    words: WORDS,
    stdio: [report, file],
    code: () => {
      const line = Buffer.alloc(LINE);
      const told = line.toString('latin1', 0, readSync(report, line, 0, LINE, 0)).trimEnd();
      if (told === 'X') return null;
      return WAITED.test(told) ? waitedCode(told) : undefined;
    },
    close: () => closeSync(report),
  };
}
