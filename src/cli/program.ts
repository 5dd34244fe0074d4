import { SandboxctlError } from '../errors.js';
import { Command, CommanderError, Option } from '../vendor/commander.js';
import { createContext, type ReporterFactory } from './context.js';
import type { ProgramRun } from './program-run.js';
import { addGlobalOptions, addVerb, completeVerb, GLOBAL_GROUP, type Start, verbOf } from './verb.js';
import { VERBS } from './verbs.js';

/** Thrown by the parser for --help and --version: the text is all that is printed. */
class TextRequested extends Error {
  readonly text: () => Promise<string>;

  constructor(text: () => Promise<string>) {
    super('a text was requested');
    this.text = text;
  }
}

/** Parses the command line and runs its command. Throws kind `usage` for an invalid line. */
export async function runProgram(argv: readonly string[], programRun: ProgramRun): Promise<void> {
  const program = buildProgram(programRun);
  try {
    if (argv.length === 0) program.outputHelp();
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof TextRequested) programRun.io.stdout.write(await error.text());
    else if (error instanceof CommanderError) throw usage(error, calledCommand(program, argv));
    else throw error;
  }
}

function buildProgram(programRun: ProgramRun): Command {
  const program = new Command('sandboxctl')
    .description('Run a fleet of code-execution sandbox servers on Slurm or on this machine')
    .usage('<command> [flags]')
    .exitOverride()
    .enablePositionalOptions()
    .helpCommand(false)
    .configureOutput({ outputError: () => undefined })
    .configureHelp({
      formatHelp: (command) => {
        throw new TextRequested(async () =>
          (await import('./help.js')).helpText(command, programRun.io.stdout.columns),
        );
      },
    })
    .hook('preSubcommand', (_parent, command) => {
      // As GNU timeout and env do.
      if (verbOf(command)?.endsWithProgram === true) programRun.failureCode = 125;
      programRun.finishesWithoutReader = verbOf(command)?.finishesWithoutReader === true;
      return completeVerb(command);
    })
    .addOption(new Option('-V, --version', 'show the version').helpGroup(GLOBAL_GROUP))
    .on('option:version', () => {
      throw new TextRequested(async () => `${(await import('../files/version.js')).version()}\n`);
    });
  addGlobalOptions(program);
  const start: Start = async (called, globals, reports) => {
    programRun.called = called;
    return createContext(programRun, globals, reports ? await reporters(programRun) : undefined);
  };
  for (const verb of VERBS) addVerb(program, verb, start);
  addHelpVerb(program, programRun);
  return program;
}

function addHelpVerb(program: Command, { io }: ProgramRun): void {
  const summary = 'Show help on a command, exit-codes or environment, or a page such as docs/security.md';
  program
    .command('help')
    .summary(summary)
    .description(summary)
    .helpGroup('More')
    .usage('[command, topic or page]')
    .argument('[words...]')
    .action(async (words: string[]): Promise<void> => {
      const { TOPICS } = await import('./topics.js');
      const topic = TOPICS[words.join(' ')];
      if (topic !== undefined) return io.stdout.write(`${topic(io.stdout.columns)}\n`);
      const [word = ''] = words;
      // A page may have the name of a command.
      if (words.length === 1 && program.commands.every((each) => each.name() !== word)) {
        const page = await (await import('../files/docs-page.js')).docsPage(word);
        if (page !== undefined) return io.stdout.write(page);
      }
      await program.parseAsync(helpLine(program, words), { from: 'user' });
    });
}

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

async function reporters(programRun: ProgramRun): Promise<ReporterFactory> {
  const { reporterFactory } = await import('./report/index.js');
  return reporterFactory(programRun);
}

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
    what: suggested(error.message.replace(/^error: /, '').replace(/\n/g, ' ')),
    hint: `see '${command} --help'`,
    cause: error,
  });
}

const OTHER_NAMES: Readonly<Record<string, string>> = {
  ls: 'status',
  list: 'status',
  ps: 'status',
  top: 'status',
  up: 'deploy',
  version: '--version',
};

/** A slip of the keyboard must not end in a command that destroys something. */
function suggested(message: string): string {
  const word = /^unknown command '([^']*)'/.exec(message)?.[1] ?? '';
  const meant = Object.hasOwn(OTHER_NAMES, word) ? OTHER_NAMES[word] : undefined;
  if (meant !== undefined) return `unknown command '${word}' (Did you mean ${meant}?)`;
  return message.replace(/ \(Did you mean stop\?\)$/, '').replace(/, stop\?\)$/, '?)');
}
