import type { Context, Globals } from '../commands/context.js';
import { type Command, Option } from '../vendor/commander.js';

export interface Verb {
  name: string;
  /** As commander takes them: `<job>` required, `[image]` optional. */
  args?: string;
  group: string;
  summary: string;
  examples: readonly Example[];
  options?: readonly (readonly [flags: string, about: string, repeats?: 'repeats'])[];
  /** Whether it exits with the code of a program that it runs; its own errors then all exit with 125. */
  endsWithProgram?: boolean;
  /** Whether it finishes its work although its output cannot be written. */
  finishesWithoutReader?: boolean;
  passesThrough?: boolean;
  settings?: boolean;
  reports?: boolean;
  run: (context: Context, given: Given) => Promise<void>;
}

export type UngroupedVerb = Omit<Verb, 'group'>;

/** A comment, which may be empty, and a command line. */
export type Example = readonly [comment: string, line: string];

export type Start = (called: Called, globals: Globals, reports: boolean) => Promise<Context>;

/** The command line as the user gave it, so that hints can repeat it. */
export interface Called {
  name: string;
  /** Long flags with their values, none for a switch; a repeated flag has several entries. */
  flags: readonly (readonly [long: string, value?: string])[];
  args: readonly string[];
}

export const GLOBAL_GROUP = 'Global flags';

export const GLOBAL_OPTIONS = [
  ['--fleet <name>', 'fleet to work on (env: SANDBOXCTL_FLEET)'],
  ['-c, --config <file>', 'configuration file, instead of the sandboxctl.yaml found upward from here'],
  ['-v, --verbose', 'show each tool that runs, with its exit code and duration'],
  ['--no-color', 'no colour'],
] as const;

export const GROUPS: Readonly<Record<string, string>> = { config: 'Inspect the configuration' };

const verbs = new WeakMap<Command, Verb>();
const settings = new WeakMap<Command, ReadonlySet<string>>();

export function verbOf(command: Command): Verb | undefined {
  return verbs.get(command);
}

/** Every command has the global flags, so that the value of another flag is never mistaken for one. */
export function addGlobalOptions(command: Command): void {
  for (const [flags, about] of GLOBAL_OPTIONS) {
    command.addOption(new Option(flags, about).helpGroup(GLOBAL_GROUP));
  }
  command.addHelpOption(new Option('-h, --help', 'show this help').helpGroup(GLOBAL_GROUP));
}

/** Adds a command without its flags. They are added when it is called: a run calls only one. */
export function addVerb(program: Command, verb: Verb, start: Start): void {
  const words = verb.name.split(' ');
  const command = groupOf(program, words.slice(0, -1), verb.group)
    .command(words.at(-1) ?? '')
    .summary(verb.summary)
    .description(verb.summary)
    .helpGroup(verb.group)
    .usage(usageOf(verb));
  if (verb.args !== undefined) command.arguments(verb.args);
  if (verb.passesThrough === true) command.passThroughOptions();
  verbs.set(command, verb);
  command.action(async () => {
    const called = { name: verb.name, flags: flagsOf(command), args: command.args };
    const context = await start(called, globalsOf(command), verb.reports ?? false);
    await verb.run(context, new Given(command, settings.get(command) ?? new Set()));
  });
}

function usageOf({ args, passesThrough }: Verb): string {
  if (args === undefined) return '[flags]';
  return passesThrough === true ? `[flags] -- ${args}` : `[flags] ${args}`;
}

export async function completeVerb(command: Command): Promise<void> {
  const verb = verbs.get(command);
  for (const [flags, about, repeats] of verb?.options ?? []) {
    const option = new Option(flags, about).helpGroup('Flags');
    if (repeats !== undefined) {
      option.argParser((value: string, before?: string[]) => [...(before ?? []), value]);
    }
    command.addOption(option);
  }
  if (verb?.settings === true) {
    const { addSettings } = await import('./settings.js');
    settings.set(command, addSettings(command, verb.name));
  }
  addGlobalOptions(command);
}

function groupOf(program: Command, words: readonly string[], group: string): Command {
  return words.reduce((parent, word) => {
    const known = parent.commands.find((each) => each.name() === word);
    if (known !== undefined) return known;
    const summary = GROUPS[word] ?? '';
    return parent
      .command(word)
      .summary(summary)
      .description(summary)
      .usage('<command> [flags]')
      .helpGroup(group)
      .helpCommand(false)
      .enablePositionalOptions()
      .hook('preSubcommand', (_parent, command) => completeVerb(command));
  }, program);
}

function flagsOf(command: Command): Called['flags'] {
  const above = command.parent === null ? [] : flagsOf(command.parent);
  const own = command.options.flatMap((option): Called['flags'] => {
    const key = option.attributeName();
    const value: unknown = command.getOptionValue(key);
    const given = command.getOptionValueSource(key) === 'cli';
    // A switch with a negation has one key for two flags: the value shows which was given.
    if (!given || (typeof value === 'boolean' && option.negate === value)) return [];
    const long = option.long ?? '';
    if (typeof value === 'boolean') return [[long]];
    return [value].flat().map((each) => [long, String(each)] as const);
  });
  return [...above, ...own];
}

function globalsOf(command: Command): Globals {
  const chain: Record<string, unknown>[] = [];
  for (let each: Command | null = command; each !== null; each = each.parent) chain.unshift(each.opts());
  const given = Object.assign({}, ...chain) as { fleet?: string; config?: string; verbose?: boolean };
  return { fleet: given.fleet, configFile: given.config, verbose: given.verbose ?? false };
}

class Given {
  /** Settings by config key, as commander parses them: text, lists of text, booleans. */
  readonly flags: Record<string, unknown> = {};
  private readonly own: Record<string, unknown> = {};
  private readonly command: Command;

  constructor(command: Command, settings: ReadonlySet<string>) {
    this.command = command;
    for (const [key, value] of Object.entries(command.opts())) {
      // Not commander's defaults: defining --no-x alone makes x true.
      if (command.getOptionValueSource(key) !== 'cli') continue;
      (settings.has(key) ? this.flags : this.own)[key] = value;
    }
  }

  arguments(): string[] {
    return this.command.args;
  }

  argument(index: number): string | undefined {
    return this.command.args[index];
  }

  text(key: string): string | undefined {
    const value = this.own[key];
    return typeof value === 'string' ? value : undefined;
  }

  list(key: string): string[] {
    const value = this.own[key];
    return Array.isArray(value) ? value : [];
  }

  on(key: string): boolean {
    return this.own[key] === true;
  }
}
