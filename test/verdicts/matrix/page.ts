import { CLIENTS, type Told } from './clients.js';
import { SETTINGS, type Setting } from './faults.js';
import type { Outcomes } from './outcomes.js';
import { ROWS } from './rows.js';
import { EXCEPTIONS } from './rule.js';

const CELLS: Readonly<Record<Told, string>> = {
  right: 'right',
  masked: 'error',
  stuck: 'waits',
  wrong: '**wrong**',
};

const HEADINGS: Readonly<Record<Setting, [title: string, text: string]>> = {
  gateway: [
    'Behind a gateway, one of two servers is faulty',
    'The gateway detects the faulty server and uses the other one.',
  ],
  all: [
    'Behind a gateway, both servers are faulty',
    'No answer can be right, unless the fault passes. So an error is the best outcome; clients that cannot report an error score `wrong`.',
  ],
  direct: [
    'Without a gateway',
    "The first of two servers in the client's list is faulty; for a client that takes one URL, its only server. TypeScript and Python apply the rule above themselves.",
  ],
};

/** docs/verdicts.md. */
export function verdictsPage(outcomes: Outcomes): string {
  return [
    INTRODUCTION,
    ...SETTINGS.toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)).map((setting) =>
      section(setting, outcomes),
    ),
    '## Why some cells cannot be better\n',
    '| client | how it scores a failure of the sandbox |\n|---|---|',
    ...CLIENTS.map(
      ({ name, confuses }) =>
        `| ${name} | ${confuses === null ? 'an error of its own' : `**a wrong program**: ${confuses}`} |`,
    ),
    '\nWithout a gateway, the SDK and curl accept whatever their only server answers.\n',
    '| even for clients that can tell | |\n|---|---|',
    ...Object.entries(EXCEPTIONS).map(([row, why]) => `| ${row} | ${why} |`),
    '',
  ].join('\n');
}

const ORDER: readonly Setting[] = ['gateway', 'all', 'direct'];

function section(setting: Setting, outcomes: Outcomes): string {
  const [title, text] = HEADINGS[setting];
  const rows = ROWS.filter((row) => row.setting === setting).map(({ name, fault }) => {
    const told = CLIENTS.map((client) => CELLS[outcomes[name]?.[client.name] ?? 'stuck']);
    return `| ${fault.name} | ${told.join(' | ')} |`;
  });
  const names = CLIENTS.map(({ name }) => name);
  return [
    `## ${title}\n\n${text}\n`,
    `| fault | ${names.join(' | ')} |`,
    `|---|${names.map(() => '---|').join('')}`,
    ...rows,
    '',
  ].join('\n');
}

const INTRODUCTION = `# Verdicts

How each client scores a **correct** program while a server is faulty. In short: behind a gateway, every client gets the right result as long as one server works. Without a gateway, only the Python and TypeScript clients of this project never score it as wrong.

## The rule

- **A failure is the program's only if its server was known to work after it reported it**: it passes a health check that began later.
- **Some results also need a second server that says the same**: a success without output, a missing interpreter, a timeout before the program's time was up, a refused request (4xx), a SandboxError. So do failures of a server that has not run any program yet, or whose failures stand out from those of the others.
- **A timeout is the program's only if it had its CPU time.** \`serve\` extends its limit; of other servers, one that is crowded is not believed alone.
- **Everything else is a failure of the sandbox**: it is retried elsewhere until the client's time is up, and then answered with HTTP 504 and the header \`X-Sandboxctl-Infra-Error\`.

The [gateway](gateway.md#which-failures-are-the-programs) applies it for all clients, the [Python](python.md) and [TypeScript](typescript.md) clients also without one. [The HTTP API](api.md#what-an-answer-means) has the table of answers.

## How this page is made

The tables are the recorded outcome of a test (\`test/verdicts/matrix\`): each client's requests, timeouts and reading of answers are replayed, eight programs in each cell, and the worst of them counts. \`right\`: the client got the program's own output. \`error\`: it got an error from which no score is made. **wrong**: it took the correct program for a wrong one. \`waits\`: it got nothing for as long as it was watched. TypeScript and Python are the clients of this project.
`;
