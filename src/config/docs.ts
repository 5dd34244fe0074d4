import { expectation } from './expectation.js';
import { defaultText, envName, flagOf } from './flags.js';
import { SETTINGS, type Setting } from './settings.js';

const EXAMPLE_HEAD = `# sandboxctl.yaml: every setting of sandboxctl, generated from its table of settings.
#
# Copy it next to your project and remove the # in front of the keys that you want. Each value is the
# default, unless its comment says that there is none.
`;

/** The annotated example: every key, all commented out. */
export function exampleYaml(): string {
  const groups = byGroup().map(([group, settings]) => {
    const entries = settings.map(
      (setting) => `${comment(setting)}\n#${setting.key}: ${exampleValue(setting)}\n`,
    );
    return `\n# ---- ${group}\n\n${entries.join('\n')}`;
  });
  return EXAMPLE_HEAD + groups.join('');
}

function comment(setting: Setting): string {
  // Some texts describe their default themselves.
  const none = setting.example === undefined || /Default\b/.test(setting.about) ? '' : ' (no default)';
  return wrap(`${setting.about}${none}`, 98)
    .map((line) => `# ${line}`)
    .join('\n');
}

function exampleValue(setting: Setting): string {
  return setting.example ?? (Array.isArray(setting.default) ? '[]' : String(setting.default));
}

const PAGE_HEAD = `# Configuration

Generated from the table of settings: change \`src/config/settings.ts\` and run \`npm run docs\`.

## Where settings come from

The first source that defines a setting wins. Lists replace each other; they are not merged.

1. Flags: \`--cpus-per-task 8\`.
2. The environment: \`SANDBOXCTL_CPUS_PER_TASK=8\`. An empty variable counts as not set. A switch is \`true\` or \`false\`; a list has one item per line.
3. The project file: \`sandboxctl.yaml\` in the current folder or the nearest one above it. \`--config FILE\` is read instead.
4. The user's file: \`sandboxctl/config.yaml\` in \`$XDG_CONFIG_HOME\`, else in \`~/.config\`.
5. \`SBATCH_ACCOUNT\`, \`SBATCH_PARTITION\`, \`SBATCH_QOS\` and \`SBATCH_RESERVATION\`, which sbatch reads too, and \`SBATCH_CLUSTERS\` or \`SLURM_CLUSTERS\`, if it names one cluster.
6. The defaults.

\`sandboxctl config show --origin\` prints the effective values and where each comes from. [The annotated example](../templates/config/sandboxctl.yaml) has every key.

The fleet (\`--fleet\`, \`SANDBOXCTL_FLEET\`), the state folder (\`SANDBOXCTL_STATE_DIR\`), \`SANDBOXCTL_TOKEN\` and \`SANDBOXCTL_DEBUG\` are not settings: you can only set them as flags or environment variables. An unknown \`SANDBOXCTL_*\` variable causes a warning.

Once \`--nodes\` has set the size of a fleet, only \`--nodes\` or \`stop\` can make it smaller. A larger \`nodes\` in a file still makes it larger.

## Files

The format is YAML 1.2: \`1:30:00\`, \`yes\`, \`no\` and \`on\` are texts. For a text setting, a number is taken as written (\`account: 0123\` is the account \`0123\`). A number setting must not be quoted. \`null\` unsets a value that comes from a lower-priority source (only for settings without a default). Unknown keys are errors. All errors are reported at once, each as \`file:line:column: key: what is wrong\`, and the exit code is 3.

Relative paths in a file start at the folder of that file; those in flags and in the environment start at the current folder. \`~/\` is the home folder. The one exception is \`output\`: it always starts at the current folder, as in Slurm.

## Values

| kind | written | means |
|---|---|---|
| duration | \`90\`, \`90s\`, \`20m\`, \`1h30m\`, \`2d\` | a number alone is seconds |
| time | \`12h\`, \`4d\`, \`90\`, \`90:30\`, \`12:00:00\`, \`1-12\`, \`4-00:00:00\`, \`UNLIMITED\` | a duration, or the format of sbatch: a number alone is minutes |
| size | \`512K\`, \`50M\`, \`1G\` | multiples of 1024, as in Slurm; the unit is required |

## Settings
`;

export function configPage(): string {
  const groups = byGroup().map(([group, settings]) => {
    const rows = settings.map((setting) => `| ${cells(setting).map(escaped).join(' | ')} |\n`);
    return `\n### ${group}\n\n| key | flag | environment | default | |\n|---|---|---|---|---|\n${rows.join('')}`;
  });
  return PAGE_HEAD + groups.join('');
}

const SELF_EXPLANATORY: readonly Setting['kind'][] = ['text', 'switch', 'list'];

function cells(setting: Setting): string[] {
  const flag = flagOf(setting);
  const flags = [flag.flags, flag.negation].filter((text) => text !== undefined);
  const value = setting.kind === 'switch' ? String(setting.default) : defaultText(setting);
  return [
    `\`${setting.key}\``,
    setting.commands.length === 0 ? '' : flags.map((text) => `\`${text}\``).join(', '),
    `\`${envName(setting.key)}\``,
    value === '' ? '' : `\`${value}\``,
    SELF_EXPLANATORY.includes(setting.kind) ? setting.about : `${setting.about}: ${expectation(setting)}`,
  ];
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|');
}

function byGroup(): [string, Setting[]][] {
  const groups = new Map<string, Setting[]>();
  for (const setting of SETTINGS) groups.set(setting.group, [...(groups.get(setting.group) ?? []), setting]);
  return [...groups];
}

export function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}
