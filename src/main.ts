import type { Session } from './cli/session.js';
import { version } from './cli/version.js';
import { EXIT_CODES } from './errors.js';

/**
 * Runs one command line and ends the process with its exit code: the one place where errors become
 * words and codes.
 */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv[0] === '--version' || argv[0] === '-V') {
    process.stdout.write(`${version()}\n`);
    return;
  }
  const { Session } = await import('./cli/session.js');
  const session = new Session(argv);
  process.on('uncaughtException', (error) => {
    finish(session, error).catch(() => process.exit(EXIT_CODES.bug.code));
  });
  try {
    const { runProgram } = await import('./cli/program.js');
    await runProgram(argv, session);
  } catch (error) {
    await finish(session, error);
  }
  await finish(session);
}

async function finish(session: Session, thrown?: unknown): Promise<void> {
  const errors = thrown === undefined ? undefined : await import('./cli/errors.js');
  const ending = session.ending(errors?.toSandboxctlError(thrown));
  session.close(ending);
  if (ending.told && ending.error !== undefined) await errors?.printError(ending.error, session);
  await session.io.flush();
  process.exit(ending.code);
}
