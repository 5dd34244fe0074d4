import { expect, it } from 'vitest';
import { exitCodeRows, OTHER_VARIABLES } from '../../src/cli/topics.js';
import { VERBS } from '../../src/cli/verbs.js';
import { sandboxctl } from './run.js';

// docs/commands.md is written by this test: `npx vitest run test/cli/docs.test.ts -u`.
it('docs/commands.md shows what the program says', async () => {
  const helps = await Promise.all(VERBS.map(async ({ name }) => [name, await help(name)] as const));
  const text = [
    INTRODUCTION,
    '## Exit codes\n',
    table(['code', 'meaning'], exitCodeRows()),
    ERRORS,
    '## Environment\n',
    'Every setting has a variable, named in [config.md](config.md) and by `sandboxctl help environment`. These are not settings:\n',
    table(['variable', 'meaning'], OTHER_VARIABLES),
    '## Commands\n',
    ...helps.flatMap(([name, words]) => [`### ${name}\n`, `\`\`\`text\n${words}\`\`\`\n`]),
  ].join('\n');
  await expect(text).toMatchFileSnapshot('../../docs/commands.md');
});

const help = async (name: string) => (await sandboxctl(['help', ...name.split(' ')])).stdout;

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
    .concat('\n');

const INTRODUCTION = `# Commands

Generated from the program; test/cli/docs.test.ts says how.

- The answer goes to stdout, everything else to stderr. Without a terminal there are no colours and no cursor codes, and each change is one line.
- \`--fleet\`, \`--config\`, \`--verbose\`, \`--no-color\` and \`--help\` may stand before a command or after it.
- With \`--json\` a command that takes it prints JSON on stdout: events one a line, the last of type \`result\`, also when it fails or is stopped.
- Events of type \`instance\`, \`gateway\` and \`submitted\` have a \`role\`: \`server\` or \`gateway\`. In \`submitted\`, \`data.instances\` lists the servers' numbers, and -1 for the gateway.
- \`--verbose\` shows every tool that runs, as \`+ squeue …\`, with its exit code and duration. Secrets are never passed in a tool's arguments.
- Without a terminal, a command that needs confirmation exits with code 2; pass \`--yes\`.
- The first Ctrl-C (or SIGTERM, or a lost terminal) stops the command cleanly; a second one kills it. Jobs keep running: run the same command again to continue.
`;

const ERRORS = `
An error is three lines on stderr, followed by the last lines of a log if there is one:

\`\`\`text
error: what happened
  the tool's own words
hint: a command or a configuration key that helps
\`\`\`

With \`--json\` it is one object: \`{"error":{"kind","exit_code","what","words","hint","tail"}}\`.
`;
