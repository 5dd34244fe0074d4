import { Command, CommanderError } from 'commander';
import { EXIT_CODES, SandboxctlError } from '../errors.js';
import { createContext } from './context.js';
import { addHelpCommand, helpWidth, showHelp } from './help.js';
import type { Session } from './session.js';
import { addGlobalOptions, addVerb, GLOBAL_GROUP, type Start } from './verb.js';
import { VERBS } from './verbs.js';
import { version } from './version.js';

const EXAMPLES = [
  ['the whole way: image, fleet, endpoints', 'sandboxctl import-image'],
  ['', 'sandboxctl deploy --nodes 4 --partition cpuonly'],
  ['', 'sandboxctl endpoints > endpoints.json'],
] as const;

/** Reads the command line and runs its command. Throws kind `usage` for a line that cannot be read. */
export async function runProgram(argv: readonly string[], session: Session): Promise<void> {
  const program = buildProgram(session);
  if (argv.length === 0) return program.outputHelp();
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // A group of commands that is called without one shows its help: an answer, no mistake.
    const answered = error.exitCode === EXIT_CODES.done.code || error.code === 'commander.help';
    if (!answered) throw usage(error, calledCommand(program, argv));
  }
}

export function buildProgram(session: Session): Command {
  const { stdout } = session.io;
  const program = new Command('sandboxctl')
    .description('Take a Slurm cluster to a fleet of code-execution sandboxes, and keep it there')
    .usage('<command> [flags]')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      writeOut: stdout.write,
      writeErr: stdout.write,
      outputError: () => undefined,
      getOutHelpWidth: () => helpWidth(stdout.columns),
      getErrHelpWidth: () => helpWidth(stdout.columns),
    })
    .configureHelp({ formatHelp: (command, helper) => showHelp(command, helper, EXAMPLES) })
    .version(version(), '-V, --version', 'show the version');
  program.options.at(-1)?.helpGroup(GLOBAL_GROUP);
  addGlobalOptions(program);
  const start: Start = async (globals, reports) =>
    createContext(session, globals, reports ? (await import('./report/index.js')).makeReporter : undefined);
  for (const verb of VERBS) addVerb(program, verb, start);
  addHelpCommand(program, stdout);
  return program;
}

/** The words of the command that was meant, as far as they name one. */
function calledCommand(program: Command, argv: readonly string[]): string {
  let command = program;
  for (const word of argv) {
    command = command.commands.find((each) => each.name() === word) ?? command;
  }
  return pathOf(command);
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function usage(error: CommanderError, command: string): SandboxctlError {
  return new SandboxctlError('usage', {
    what: error.message.replace(/^error: /, '').replace(/\n/g, ' '),
    hint: `see '${command} --help'`,
    cause: error,
  });
}
