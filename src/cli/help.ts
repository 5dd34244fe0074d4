import { wrap } from '../text/wrap.js';
import type { Command, Option } from '../vendor/commander.js';
import { helpWidth, type Row, table } from './table.js';
import { type Example, verbOf } from './verb.js';

const PROGRAM_EXAMPLES: readonly Example[] = [
  ['from image to endpoints', 'sandboxctl import-image'],
  ['', 'sandboxctl deploy --nodes 4 --partition cpuonly'],
  ['', 'sandboxctl endpoints > endpoints.json'],
];

export function helpText(command: Command, columns: number): string {
  const examples = verbOf(command)?.examples ?? (command.parent === null ? PROGRAM_EXAMPLES : []);
  const helper = command.createHelp();
  const lines = [
    `Usage: ${helper.commandUsage(command)}`,
    '',
    ...wrap(command.description(), helpWidth(columns)),
    '',
  ];
  if (examples.length > 0) lines.push('Examples:', ...examples.flatMap(exampleLines), '');

  const sections = new Map<string, Row[]>();
  const add = (group: string, ...row: Row) => sections.set(group, [...(sections.get(group) ?? []), row]);
  for (const each of helper.visibleCommands(command)) {
    const args = each.usage().replace('[flags]', '').trim();
    add(each.helpGroup() || 'Commands', `${each.name()} ${args}`.trim(), each.summary());
  }
  for (const option of helper.visibleOptions(command)) {
    add(option.helpGroupHeading ?? 'Flags', optionTerm(command, option), option.description);
  }
  const all = [...sections.values()].flat();
  for (const [group, rows] of sections) lines.push(`${group}:`, ...table(rows, columns, all), '');
  return `${lines.join('\n').trimEnd()}\n`;
}

function exampleLines([comment, line]: Example): string[] {
  return comment === '' ? [`  ${line}`] : [`  # ${comment}`, `  ${line}`];
}

/** A switch that can be turned off has one row: `--[no-]wait`. */
function optionTerm(command: Command, option: Option): string {
  const twin = command.options.some((each) => each.hidden && each.long === `--no-${option.name()}`);
  return twin ? option.flags.replace('--', '--[no-]') : option.flags;
}
