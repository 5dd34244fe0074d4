import type { Session } from './cli/session.js';

/** What a command line leads to. */
export type Work = (argv: readonly string[], session: Session) => Promise<void>;

const program: Work = async (argv, session) => {
  const { runProgram } = await import('./cli/program.js');
  await runProgram(argv, session);
};

/**
 * Runs one command line and ends the process with its exit code: the one place where errors become
 * words and codes.
 */
export async function main(argv: readonly string[], work: Work = program): Promise<void> {
  if (argv[0] === '--version' || argv[0] === '-V') {
    const { version } = await import('./cli/version.js');
    process.stdout.write(`${version()}\n`);
    return;
  }
  const { Session } = await import('./cli/session.js');
  const session = new Session(argv);
  process.on('uncaughtException', (error) => {
    finish(session, error).catch(async () => {
      const { EXIT_CODES } = await import('./errors.js');
      process.exit(EXIT_CODES.bug.code);
    });
  });
  try {
    await work(argv, session);
  } catch (error) {
    return finish(session, error);
  }
  return finish(session);
}

async function finish(session: Session, thrown?: unknown): Promise<void> {
  const errors = thrown === undefined ? undefined : await import('./cli/errors.js');
  const ending = session.ending(errors?.toSandboxctlError(thrown));
  session.close(ending);
  if (ending.told && ending.error !== undefined) await errors?.printError(ending.error, session);
  await session.io.flush();
  process.exit(ending.code);
}
