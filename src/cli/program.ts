import { Command, CommanderError, Option } from 'commander';
import { SandboxctlError } from '../errors.js';
import { createContext, type ReporterFactory } from './context.js';
import type { Session } from './session.js';
import { addGlobalOptions, addVerb, completeVerb, GLOBAL_GROUP, type Start, verbOf } from './verb.js';
import { VERBS } from './verbs.js';

/** Thrown where reading the command line comes upon a question: its text is the whole answer. */
class Asked extends Error {
  readonly answer: () => Promise<string>;

  constructor(answer: () => Promise<string>) {
    super('asked for a text');
    this.answer = answer;
  }
}

/** Reads the command line and runs its command. Throws kind `usage` for a line that cannot be read. */
export async function runProgram(argv: readonly string[], session: Session): Promise<void> {
  const program = buildProgram(session);
  try {
    if (argv.length === 0) program.outputHelp();
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof Asked) session.io.stdout.write(await error.answer());
    else if (error instanceof CommanderError) throw usage(error, calledCommand(program, argv));
    else throw error;
  }
}

function buildProgram(session: Session): Command {
  const program = new Command('sandboxctl')
    .description('Run a fleet of code-execution sandbox servers on Slurm or on this machine')
    .usage('<command> [flags]')
    .exitOverride()
    .enablePositionalOptions()
    .helpCommand(false)
    .configureOutput({ outputError: () => undefined })
    .configureHelp({
      formatHelp: (command) => {
        throw new Asked(async () => (await import('./help.js')).helpText(command, session.io.stdout.columns));
      },
    })
    .hook('preSubcommand', (_parent, command) => {
      // As GNU timeout and env do it.
      if (verbOf(command)?.endsWithProgram === true) session.failureCode = 125;
      session.goesOnUnheard = verbOf(command)?.goesOnUnheard === true;
      return completeVerb(command);
    })
    .addOption(new Option('-V, --version', 'show the version').helpGroup(GLOBAL_GROUP))
    .on('option:version', () => {
      throw new Asked(async () => `${(await import('./version.js')).version()}\n`);
    });
  addGlobalOptions(program);
  const start: Start = async (called, globals, reports) => {
    session.called = called;
    return createContext(session, globals, reports ? await reporters(session) : undefined);
  };
  for (const verb of VERBS) addVerb(program, verb, start);
  addHelpVerb(program, session);
  return program;
}

/** `help deploy` is `deploy --help`; beside commands it knows topics. */
function addHelpVerb(program: Command, { io }: Session): void {
  const summary = 'Show help on a command, exit-codes or environment';
  program
    .command('help')
    .summary(summary)
    .description(summary)
    .helpGroup('More')
    .usage('[command or topic]')
    .argument('[words...]')
    .action(async (words: string[]): Promise<void> => {
      const { TOPICS } = await import('./topics.js');
      const topic = TOPICS[words.join(' ')];
      if (topic !== undefined) return io.stdout.line(topic(io.stdout.columns));
      await program.parseAsync(helpLine(program, words), { from: 'user' });
    });
}

/** The line that shows the help of the command that `words` name, or that says which word names none. */
function helpLine(program: Command, words: readonly string[]): string[] {
  const line: string[] = [];
  let command = program;
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) return command.commands.length > 0 ? [...line, word] : [...line, '--help'];
    line.push(word);
    command = next;
  }
  return [...line, '--help'];
}

async function reporters(session: Session): Promise<ReporterFactory> {
  const { reporterFactory } = await import('./report/index.js');
  return reporterFactory(session);
}

/** The words of the command that was meant, as far as they name one. */
function calledCommand(program: Command, argv: readonly string[]): string {
  let command = program;
  for (const word of argv.filter((each) => each !== 'help')) {
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
