import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ended, start } from './run.js';

const BIN = fileURLToPath(new URL('../../bin/', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandboxctl-bin-'));
  await cp(BIN, join(folder, 'bin'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"type":"module","version":"0.0.0"}');
});

afterAll(() => rm(folder, { recursive: true }));

it.each([['--help'], ['--version']])('says what to do where nothing is built: %s', async (arg) => {
  const argv = [process.execPath, join(folder, 'bin/sandboxctl.js'), arg];
  const { code, stdout, stderr } = await ended(start(argv));
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(stderr).toMatch(
    /^error: sandboxctl is not complete here\n {2}.*dist\/(main\.js|cli\/quick).*\nhint: run `npm run build`/,
  );
});

it.each([['18.20.4'], ['20.18.3']])('says to Node %s which Node it needs', async (version) => {
  const pretend = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'${version}'}})`;
  const argv = [process.execPath, '--import', pretend, join(BIN, 'sandboxctl.js'), '--version'];
  const { code, stdout, stderr } = await ended(start(argv));
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(stderr).toContain(`error: sandboxctl needs Node 20.19 or newer\n  this is Node ${version}`);
});

it('bin/sandboxctl.js parses on an old Node up to its version message', async () => {
  const source = await readFile(join(BIN, 'sandboxctl.js'), 'utf8');
  const code = source.replace(/^\/\/.*$/gm, '');
  expect(code).not.toMatch(/^(import|export) |\b(const|let|await)\b|\?\./m);
});
