import { join } from 'node:path';
import { bashQuote } from '../text/quote.js';
import { type CheckoutFacts, RUNTIME_ENVIRONMENT, SERVER_ENVIRONMENT, TOOLS } from './facts.js';

export interface Missing {
  what: string;
  commands: string[];
  /** Whether the server does without it. */
  optional?: true;
}

const MINIFORGE = 'Miniforge3-$(uname)-$(uname -m).sh';

/** What a checkout lacks, in the order of Reasoning360's usage guide, and the commands that install it. */
export function missingOf(facts: CheckoutFacts): Missing[] {
  const { state, conda, poetry, server, runtime } = facts;
  const folder = state === 'other' ? join(facts.folder, 'SandboxFusion') : facts.folder;
  const inFolder = (below = '') => `cd ${bashQuote(join(folder, below))}`;
  const makes = server === null || !facts.serverSeesConda || runtime === null;
  const ours = conda !== null && (facts.condaIsOurs || !makes);
  const anew = server === null || !facts.serverSeesConda || !ours;
  const root = ours ? bashQuote(conda) : '~/miniforge3';
  const missing: Missing[] = [];
  if (!ours) {
    missing.push({
      what:
        conda === null
          ? 'conda is neither on PATH nor where its installers put it'
          : `conda in ${conda} is not yours to write, so its environments come to lie where SandboxFusion does not find them`,
      commands: [
        `curl -fLO "https://github.com/conda-forge/miniforge/releases/latest/download/${MINIFORGE}"`,
        `bash "${MINIFORGE}" -b -p ${root}`,
      ],
    });
  }
  if (anew && poetry === null) {
    missing.push({
      what: 'poetry is not on PATH',
      commands: [
        'curl -sSL https://install.python-poetry.org | python3 -',
        'export PATH=~/.local/bin:"$PATH"',
      ],
    });
  }
  if (state !== 'checkout') {
    const what = state === 'absent' ? 'is not there' : 'is no checkout of SandboxFusion';
    const clone = `git clone https://github.com/bytedance/SandboxFusion.git ${bashQuote(folder)}`;
    missing.push({ what: `${facts.folder} ${what}`, commands: [clone] });
  }
  if (anew) {
    missing.push({
      what: whyAnew(facts),
      commands: [
        `source ${root}/bin/activate`,
        `conda create -n ${SERVER_ENVIRONMENT} -y python=3.11`,
        `conda activate ${SERVER_ENVIRONMENT}`,
        inFolder(),
        'poetry install',
      ],
    });
  }
  if (!facts.docsBuild) {
    const build = bashQuote(join(folder, 'docs/build'));
    missing.push({
      what: 'docs/build is not there, without which the server cannot start',
      commands: [`mkdir -p ${build}`],
    });
  }
  if (runtime === null) {
    missing.push({
      what: `conda has no environment ${RUNTIME_ENVIRONMENT}, without which every Python program fails`,
      commands: [
        `source ${root}/bin/activate`,
        inFolder('runtime/python'),
        'bash install-python-runtime.sh # with the word us behind it: from PyPI, not from its mirror in China',
      ],
    });
  }
  return [...missing, ...missingTools(facts.missingTools)];
}

function whyAnew({ server, serverSeesConda }: CheckoutFacts): string {
  if (server === null) return 'no environment has the libraries of the server';
  return serverSeesConda
    ? `the server's environment ${server.folder} lies in that conda, where it has no ${RUNTIME_ENVIRONMENT} beside it`
    : `the server's environment ${server.folder} lies outside of conda, which SandboxFusion looks for above it`;
}

function missingTools(tools: readonly string[]): Missing[] {
  if (tools.length === 0) return [];
  const languages = tools.map((tool) => `${TOOLS[tool]?.join(', ')} (${tool})`);
  return [
    { what: `not on PATH here, so programs fail in: ${languages.join(', ')}`, commands: [], optional: true },
  ];
}
