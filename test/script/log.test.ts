import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { render } from './specs.js';

const HALF = 20_000;
const CAPPED = /^capped\(\) \{.*?^\}$/ms.exec(render())?.[0] ?? '';
const LINES = `seq -f 'line %06g' 1 10000`;

let folder: string;
let log: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandboxctl-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the script's own function behind a program; it ends when the program's output does. */
function through(program: string, name: string, before = ''): void {
  log = join(folder, name);
  writeFileSync(log, before);
  bash(`(${program}) | capped`);
}

function bash(text: string): string {
  const env = { PATH: process.env.PATH, LOG: log, LOG_HALF: String(HALF) };
  return execFileSync('bash', ['-c', `set -uo pipefail\n${CAPPED}\n${text}`], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const kept = (): string =>
  (existsSync(`${log}.1`) ? readFileSync(`${log}.1`, 'utf8') : '') + readFileSync(log, 'utf8');

/** The last lines of LINES, each once and in order, and no more than the cap. */
function isEndOf(text: string): void {
  const whole = execFileSync('bash', ['-c', LINES], { encoding: 'utf8' });
  expect(whole.endsWith(text)).toBe(true);
  expect(text.length).toBeGreaterThanOrEqual(HALF);
  expect(text.length).toBeLessThanOrEqual(2 * HALF);
  expect(statSync(log).size).toBeLessThanOrEqual(HALF);
}

test('a short log is whole', () => {
  through('echo one; sleep 0.1; printf two', 'short');
  expect(kept()).toBe('one\ntwo');
  expect(existsSync(`${log}.1`)).toBe(false);
});

test('of a long one the end is kept, within the cap, and nothing is lost at a rotation', () => {
  through(LINES, 'long');
  isEndOf(kept());
});

test('what stands in it already counts', () => {
  through(LINES, 'before', 'x'.repeat(HALF - 7));
  isEndOf(kept());
  through('printf last', 'over', 'x'.repeat(HALF + 7));
  expect(kept()).toBe(`${'x'.repeat(HALF + 7)}last`);
});

test('it goes on when somebody empties the log', () => {
  through(`seq 1 500; sleep 0.3; : >"$LOG"; ${LINES}`, 'emptied');
  isEndOf(kept());
});

test("a job's signals do not cut off the last words", () => {
  log = join(folder, 'signals');
  writeFileSync(log, '');
  // A process group of its own, as a job is one: the signal reaches every process of it.
  const words = '{ trap "echo last words" TERM; echo started; sleep 0.3; kill -TERM 0; sleep 0.2; } | capped';
  const env = { PATH: process.env.PATH, LOG: log, LOG_HALF: String(HALF) };
  // It returns when the last of them has closed its output.
  spawnSync('setsid', ['--wait', 'bash', '-c', `${CAPPED}\n${words}`], { env });
  expect(kept()).toContain('last words');
});

test('a full disk blocks nobody; what fits later is written again', () => {
  log = join(folder, 'full/log');
  const space = join(folder, 'full');
  const script = `mkdir ${space}; mount -t tmpfs -o size=32k,mode=755 none ${space}; : >"$LOG"
    head -c 24000 /dev/zero >${space}/other
    { ${LINES}; rm ${space}/other; ${LINES}; } | capped && echo ended; tail -n 1 "$LOG"`;
  const env = { PATH: process.env.PATH, LOG: log, LOG_HALF: '9000' };
  const argv = ['--map-root-user', '--mount', 'bash', '-c', `${CAPPED}\n${script}`];
  expect(spawnSync('unshare', argv, { env, encoding: 'utf8' }).stdout).toBe('ended\nline 010000\n');
});

test('a log that is no file takes nothing and blocks nobody', () => {
  log = '/dev/null';
  expect(bash(`(${LINES}) | capped && echo ended`)).toBe('ended\n');
  log = join(folder, 'nowhere/log');
  expect(bash(`(${LINES}) | capped && echo ended`)).toBe('ended\n');
});
