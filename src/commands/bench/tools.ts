import type { Tools } from '../../bench/methods/command.js';
import { firstWords } from '../../errors.js';
import type { Context } from '../context.js';

export interface FoundTools extends Tools {
  /** What each says of its version. */
  versions: Record<string, string>;
}

const TIMEOUT_MS = 30_000;
/** The interpreter itself: what is on PATH may be a version manager's script, which costs more than Python does. */
const WHERE = 'import platform, sys; print(sys.executable); print("Python", platform.python_version())';

/** The tools of the plain subprocesses: the first on PATH. */
export async function findTools({ run, env }: Context): Promise<FoundTools> {
  const ask = async (...argv: string[]): Promise<string[]> => {
    try {
      const { code, stdout } = await run(argv, { env, timeoutMs: TIMEOUT_MS });
      return code === 0 ? stdout.trim().split('\n') : [];
    } catch {
      return [];
    }
  };
  const [python = null, pythonVersion] = await ask('python3', '-c', WHERE);
  const [gxxVersion] = await ask('g++', '--version');
  const [gxx = null] = gxxVersion === undefined ? [] : await ask('sh', '-c', 'command -v g++');
  return {
    python,
    gxx,
    versions: {
      ...(pythonVersion === undefined ? {} : { python: `${pythonVersion} (${python})` }),
      ...(gxxVersion === undefined ? {} : { gxx: firstWords(gxxVersion) }),
    },
  };
}
