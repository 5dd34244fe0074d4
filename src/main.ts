import type { ProgramRun } from './cli/program-run.js';
import { quietNode } from './node.js';

export type Work = (argv: readonly string[], programRun: ProgramRun) => Promise<void>;

const program: Work = async (argv, programRun) => {
  const { runProgram } = await import('./cli/program.js');
  await runProgram(argv, programRun);
};

/** The one place where errors become messages and exit codes. */
export async function main(argv: readonly string[], work: Work = program): Promise<void> {
  quietNode();
  // A umask that denies us our own files is a mistake; keep only its bits for group and others.
  const mask = process.umask(0o077);
  process.umask(mask & 0o077);
  const { ProgramRun } = await import('./cli/program-run.js');
  const programRun = new ProgramRun(argv);
  process.on('uncaughtException', (error) => {
    finish(programRun, error).catch(async () => {
      const { EXIT_CODES } = await import('./errors.js');
      process.exit(EXIT_CODES.bug.code);
    });
  });
  try {
    if (argv[0] === '--version' || argv[0] === '-V') {
      const { version } = await import('./files/version.js');
      programRun.io.stdout.line(version());
    } else await work(argv, programRun);
  } catch (error) {
    return finish(programRun, error);
  }
  return finish(programRun);
}

async function finish(programRun: ProgramRun, thrown?: unknown): Promise<void> {
  const failed =
    thrown === undefined ? undefined : (await import('./cli/errors.js')).toSandboxctlError(thrown);
  programRun.close(programRun.ending(failed));
  await programRun.io.stdout.end();
  const { code, error, printed } = programRun.ending(failed);
  if (printed && error !== undefined) await (await import('./cli/errors.js')).printError(error, programRun);
  await programRun.io.stderr.end();
  process.exit(code);
}
