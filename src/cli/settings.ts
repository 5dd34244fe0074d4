import { optionsFor } from '../config/flags.js';
import { type Command, Option } from '../vendor/commander.js';

export function addSettings(command: Command, name: string): Set<string> {
  const keys = new Set<string>();
  for (const flag of optionsFor(name)) {
    const option = new Option(flag.flags, flag.about).helpGroup(flag.group);
    if (flag.repeatable) {
      option.argParser((value: string, before?: string[]) => [...(before ?? []), value]);
    }
    command.addOption(option);
    if (flag.negation !== undefined) command.addOption(new Option(flag.negation).hideHelp());
    keys.add(flag.key);
  }
  return keys;
}
