import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Language } from '../../../../src/api/languages.js';
import { parseRequest } from '../../../../src/api/request.js';
import { RECIPES } from '../../../../src/sandbox/languages/languages.js';
import { prepare } from '../../../../src/sandbox/prepare.js';
import { type Behaviour, type ProgramCase, type StageBehaviour, stageBehaviour } from './case.js';

const RUNNER = fileURLToPath(new URL('plain.py', import.meta.url));
/** Debian's own tools, not those of a version manager. */
export const PLAIN_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const NAMES: Readonly<Record<string, string>> = { python: 'python3', pytest: 'pytest-3', dmd: 'ldmd2' };

interface StageAnswer {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program under a plain shell on this machine; `as`: words that change who it runs as. */
export async function runPlainly(
  { name: _, differsIn: __, ...asked }: ProgramCase,
  as: readonly string[] = [],
): Promise<Behaviour> {
  const parsed = parseRequest(Buffer.from(JSON.stringify(asked)), undefined);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.detail));
  const { request } = parsed;
  const recipe = RECIPES[request.language as Language];
  if (recipe === undefined) throw new Error(`no recipe for ${request.language}`);
  const program = await prepare(request, recipe, {
    tool: (tool) => toolPath(NAMES[tool] ?? tool),
    cppFlags: () => [],
    memory: 2 ** 30,
    pause: async () => undefined,
  });
  const [file = '', ...args] = [...as, '/usr/bin/python3', RUNNER];
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(
    JSON.stringify({
      ...program,
      code: Buffer.from(program.code).toString('base64'),
      files: Object.fromEntries(
        [...program.files].map(([path, content]) => [path, content.toString('base64')]),
      ),
      compile: program.compile ?? null,
      timeouts: { compile: request.compileTimeout, run: request.runTimeout },
      env: { PATH: PLAIN_PATH, HOME: '/tmp', LANG: 'C.UTF-8', OMP_NUM_THREADS: '2', SHLVL: '2' },
    }),
  );
  const answer = JSON.parse(await text(child.stdout)) as Partial<Record<'compile' | 'run', StageAnswer>>;
  return { compile: behaviour(answer.compile), run: behaviour(answer.run) };
}

/** The path by which a server starts it. */
function toolPath(name: string): string {
  const paths = PLAIN_PATH.split(':').map((folder) => join(folder, name));
  return name.startsWith('/') ? name : (paths.find((path) => existsSync(path)) ?? name);
}

function behaviour(stage: StageAnswer | undefined): StageBehaviour | undefined {
  if (stage === undefined) return undefined;
  return stageBehaviour(stage.code, Buffer.from(stage.stdout, 'base64'), Buffer.from(stage.stderr, 'base64'));
}
