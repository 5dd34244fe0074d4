import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { startCluster } from './cluster.js';
import { containerTools, NODE_LOCAL } from './container-tools.js';
import { downCluster } from './down.js';
import { attachCluster } from './handle.js';
import { installSandboxctl } from './install-cli.js';
import { enterLogin } from './login.js';
import { clusterNames, readRecord } from './record.js';

const USAGE = `npm run cluster -- up [--nodes N] [--name NAME] [--pyxis] [--sandboxctl]
                      [--unreachable] [--no-names] [--accounting] [--no-arrays]
npm run cluster -- shell NAME [--user sbxa|sbxb|root]
npm run cluster -- exec NAME [--user sbxa|sbxb|root] -- COMMAND...
npm run cluster -- list
npm run cluster -- down NAME... | --all`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    nodes: { type: 'string' },
    name: { type: 'string' },
    pyxis: { type: 'boolean' },
    sandboxctl: { type: 'boolean' },
    unreachable: { type: 'boolean' },
    'no-names': { type: 'boolean' },
    accounting: { type: 'boolean' },
    'no-arrays': { type: 'boolean' },
    user: { type: 'string' },
    all: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});
const [verb, ...names] = positionals;

const verbs: Record<string, () => Promise<void>> = {
  up,
  down: async () => {
    if (names.length === 0 && !values.all) return usage();
    for (const name of values.all ? await clusterNames() : names) await downCluster(name);
  },
  list: async () => {
    for (const name of await clusterNames()) console.log(name);
  },
  shell: () => enter(['bash', '-i']),
  exec: () => enter(names.slice(1)),
};

async function up(): Promise<void> {
  const tools = values.pyxis ? await containerTools() : undefined;
  const cluster = await startCluster({
    ...(values.name ? { name: values.name } : {}),
    nodes: Number(values.nodes ?? 4),
    reachable: !values.unreachable,
    namesResolve: !values['no-names'],
    accounting: values.accounting ?? false,
    arrays: !values['no-arrays'],
    ...(tools
      ? { plugins: [`required ${tools.pyxisPlugin}`], nodePath: [tools.binFolder], enrootConf: NODE_LOCAL }
      : {}),
    tied: false,
  });
  if (values.sandboxctl) await installSandboxctl(cluster);
  console.log(`export SLURM_CONF=${cluster.env.SLURM_CONF}`);
  console.log(`# a shell on its login node, as user sbxa:   npm run cluster -- shell ${cluster.name}`);
  console.log(`# away with it:                              npm run cluster -- down ${cluster.name}`);
}

async function enter(argv: string[]): Promise<void> {
  const [name = (await clusterNames())[0] ?? ''] = names;
  const { users, env } = await attachCluster(name);
  const user = values.user === 'root' ? 'root' : users.find((one) => one.name === (values.user ?? 'sbxa'));
  const term = { TERM: process.env.TERM ?? 'dumb' };
  const entered = enterLogin(await readRecord(name), argv, { user, env: { ...env, ...term } });
  const [program = '', ...args] = entered.argv;
  const ended = spawnSync(program, args, { cwd: '/', env: entered.options.env, stdio: 'inherit' });
  process.exitCode = ended.status ?? 1;
}

const run = verbs[verb ?? ''];
if (values.help) console.log(USAGE);
else if (run) await run();
else usage();

function usage(): void {
  console.error(USAGE);
  process.exitCode = 2;
}
