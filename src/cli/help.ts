import type { Command, Help, Option } from 'commander';
import type { Output } from '../commands/context.js';

/** Wider lines are hard to read, however wide the terminal is. */
const WIDEST = 100;
/** For a pipe, and for a terminal that does not say. */
const USUAL = 80;

export function helpWidth(columns: number): number {
  return columns > 0 ? Math.min(columns, WIDEST) : USUAL;
}

/** A comment (none when empty) and a command line. */
export type Example = readonly [comment: string, line: string];

/** The help of one command: usage, what it does, examples, its commands, then its flags by group. */
export function showHelp(command: Command, helper: Help, examples: readonly Example[]): string {
  const sections = new Map<string, (readonly [term: string, about: string])[]>();
  const add = (group: string, term: string, about: string) => {
    sections.set(group, [...(sections.get(group) ?? []), [term, about]]);
  };
  for (const each of helper.visibleCommands(command)) {
    add(
      each.helpGroup() || 'Commands',
      `${each.name()} ${each.usage()}`.replace('[flags]', '').trim(),
      each.summary(),
    );
  }
  for (const option of helper.visibleOptions(command)) {
    add(option.helpGroupHeading ?? 'Flags', optionTerm(command, option), option.description);
  }
  const width = Math.max(...[...sections.values()].flat().map(([term]) => term.length));
  const lines = [`Usage: ${helper.commandUsage(command)}`, '', command.description(), ''];
  if (examples.length > 0) lines.push('Examples:', ...examples.flatMap(exampleLines), '');
  for (const [group, rows] of sections) {
    lines.push(
      `${group}:`,
      ...rows.map(([term, about]) => helper.formatItem(term, width, about, helper)),
      '',
    );
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function exampleLines([comment, line]: Example): string[] {
  return comment === '' ? [`  ${line}`] : [`  # ${comment}`, `  ${line}`];
}

/** A switch that can be turned off stands in one row: `--[no-]wait`. */
function optionTerm(command: Command, option: Option): string {
  const twin = command.options.some((each) => each.hidden && each.long === `--no-${option.name()}`);
  return twin ? option.flags.replace('--', '--[no-]') : option.flags;
}

/** `help deploy` is `deploy --help`; beside commands it knows topics. */
export function addHelpCommand(program: Command, stdout: Output): void {
  program.helpCommand(false);
  const help = program
    .command('help')
    .summary('Show help on a command, exit-codes or environment')
    .description('Show help on a command or a topic: exit-codes, environment')
    .helpGroup('More')
    .usage('[command or topic]')
    .argument('[words...]');
  help.action(async (words: string[]): Promise<void> => {
    const { TOPICS } = await import('./topics.js');
    const topic = TOPICS[words.join(' ')];
    if (topic !== undefined) return stdout.line(topic());
    let command = program;
    for (const word of words) {
      const next = command.commands.find((each) => each.name() === word);
      if (next === undefined) {
        await command.parseAsync([word], { from: 'user' });
        return;
      }
      command = next;
    }
    command.outputHelp();
  });
}
