import { type Command, Option } from 'commander';
import type { Context, Globals } from '../commands/context.js';
import { optionsFor } from '../config/flags.js';
import { SandboxctlError } from '../errors.js';
import { type Example, showHelp } from './help.js';

/** One command of the command line. */
export interface Verb {
  /** The words of the command: `deploy`, `config show`. */
  name: string;
  /** As commander takes them: `<job>` required, `[image]` optional. */
  args?: string;
  group: string;
  /** Starts with a verb, no full stop. */
  summary: string;
  examples: readonly Example[];
  /** Its own flags, beside those of the settings table. */
  options?: readonly (readonly [flags: string, about: string])[];
  /** Whether it shows events while it runs. */
  reports?: boolean;
  run: (context: Context, given: Given) => Promise<void>;
}

/** Makes the context of the command that was called. */
export type Start = (globals: Globals, reports: boolean) => Promise<Context>;

/** What the user gave; what was left out is undefined. */
export class Given {
  /** Settings by config key, as commander reads them: text, lists of text, booleans. */
  readonly flags: Record<string, unknown> = {};
  private readonly own: Record<string, unknown> = {};

  private readonly command: Command;

  constructor(command: Command, settings: ReadonlySet<string>) {
    this.command = command;
    for (const [key, value] of Object.entries(command.opts())) {
      // Not what commander fills in: --no-x alone would make x true where nobody said so.
      if (command.getOptionValueSource(key) !== 'cli') continue;
      (settings.has(key) ? this.flags : this.own)[key] = value;
    }
  }

  argument(index: number): string | undefined {
    return this.command.args[index];
  }

  text(key: string): string | undefined {
    const value = this.own[key];
    return typeof value === 'string' ? value : undefined;
  }

  on(key: string): boolean {
    return this.own[key] === true;
  }

  /** A whole number, 0 or more. Throws kind `usage` for anything else. */
  count(key: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new SandboxctlError('usage', {
      what: `--${key} takes a whole number, not '${text}'`,
      hint: `see 'sandboxctl ${this.command.name()} --help'`,
    });
  }
}

export const GLOBAL_GROUP = 'Global flags';

const GLOBAL_OPTIONS = [
  ['--fleet <name>', 'fleet to work on (env: SANDBOXCTL_FLEET)'],
  ['-c, --config <file>', 'configuration file, instead of the sandboxctl.yaml found upward from here'],
  ['-v, --verbose', 'show each tool that runs, with its exit code and duration'],
  ['--no-color', 'no colour'],
] as const;

/** The global flags stand on every command, so that a value of another flag is never taken for one. */
export function addGlobalOptions(command: Command): void {
  for (const [flags, about] of GLOBAL_OPTIONS) {
    command.addOption(new Option(flags, about).helpGroup(GLOBAL_GROUP));
  }
  command.addHelpOption(new Option('-h, --help', 'show this help').helpGroup(GLOBAL_GROUP));
}

export function addVerb(program: Command, verb: Verb, start: Start): void {
  const words = verb.name.split(' ');
  const command = groupOf(program, words.slice(0, -1), verb.group)
    .command(words.at(-1) ?? '')
    .summary(verb.summary)
    .description(verb.summary)
    .helpGroup(verb.group);
  if (verb.args !== undefined) command.arguments(verb.args);
  command.usage(verb.args === undefined ? '[flags]' : `[flags] ${verb.args}`);
  for (const [flags, about] of verb.options ?? [])
    command.addOption(new Option(flags, about).helpGroup('Flags'));
  const settings = addSettings(command, verb.name);
  addGlobalOptions(command);
  command.configureHelp({ formatHelp: (cmd, helper) => showHelp(cmd, helper, verb.examples) });
  command.action(async () => {
    const context = await start(globalsOf(command), verb.reports ?? false);
    await verb.run(context, new Given(command, settings));
  });
}

/** The command that `config` in `config show` names; made for the first verb under it. */
function groupOf(program: Command, words: readonly string[], group: string): Command {
  return words.reduce((parent, word) => {
    const known = parent.commands.find((each) => each.name() === word);
    if (known !== undefined) return known;
    const made = parent.command(word).summary(`Commands of ${word}`).description(`Commands of ${word}`);
    made
      .usage('<command> [flags]')
      .helpGroup(group)
      .configureHelp({ formatHelp: (cmd, helper) => showHelp(cmd, helper, []) });
    addGlobalOptions(made.enablePositionalOptions());
    return made;
  }, program);
}

function addSettings(command: Command, name: string): Set<string> {
  const keys = new Set<string>();
  for (const flag of optionsFor(name)) {
    const option = new Option(flag.flags, flag.about).helpGroup(flag.group);
    if (flag.repeatable) option.argParser((value: string, before?: string[]) => [...(before ?? []), value]);
    command.addOption(option);
    if (flag.negation !== undefined) command.addOption(new Option(flag.negation).hideHelp());
    keys.add(flag.key);
  }
  return keys;
}

function globalsOf(command: Command): Globals {
  const chain: Record<string, unknown>[] = [];
  for (let each: Command | null = command; each !== null; each = each.parent) chain.unshift(each.opts());
  const given = Object.assign({}, ...chain) as { fleet?: string; config?: string; verbose?: boolean };
  return { fleet: given.fleet, configFile: given.config, verbose: given.verbose ?? false };
}
