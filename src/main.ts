import type { Session } from './cli/session.js';
import { quietNode } from './node.js';

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
  quietNode();
  // A umask that takes our own files from ourselves is nobody's wish; what it says of others holds.
  const mask = process.umask(0o077);
  process.umask(mask & 0o077);
  const { Session } = await import('./cli/session.js');
  const session = new Session(argv);
  process.on('uncaughtException', (error) => {
    finish(session, error).catch(async () => {
      const { EXIT_CODES } = await import('./errors.js');
      process.exit(EXIT_CODES.bug.code);
    });
  });
  try {
    if (argv[0] === '--version' || argv[0] === '-V') {
      const { version } = await import('./cli/version.js');
      session.io.stdout.line(version());
    } else await work(argv, session);
  } catch (error) {
    return finish(session, error);
  }
  return finish(session);
}

async function finish(session: Session, thrown?: unknown): Promise<void> {
  const failed =
    thrown === undefined ? undefined : (await import('./cli/errors.js')).toSandboxctlError(thrown);
  session.close(session.ending(failed));
  await session.io.stdout.end();
  // Only now it is known whether the answer has arrived.
  const { code, error, told } = session.ending(failed);
  if (told && error !== undefined) await (await import('./cli/errors.js')).printError(error, session);
  await session.io.stderr.end();
  process.exit(code);
}
