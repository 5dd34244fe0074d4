import { ensurePackages } from '../cluster/image/tools.js';
import { install } from '../cluster/install.js';
import { enterTestEnvironment } from './environment.js';
import { sweepClusters, sweepDeadRuns, sweepRun } from './leftovers.js';
import { type LeftOut, leftOutAsRoot, leftOutWithoutRoot } from './needs.js';
import { identity } from './processes.js';
import { changedFiles } from './tree.js';

const isRoot = process.getuid?.() === 0;
const BY_WHOM = isRoot ? '' : ', since this is not root';
let leftOut: LeftOut[] = [];
let before: string[] | undefined;

/** Runs once before all tests. Root has every tool installed first. */
export async function setup(): Promise<void> {
  await sweepDeadRuns();
  if (isRoot) await installAll();
  leaveOut();
  // Last: apt may need what the machine's own environment says of a proxy.
  await enterTestEnvironment();
  before = await changedFiles();
}

async function installAll(): Promise<void> {
  await install({ accounting: true });
  // Here and not in the test files, which would find apt busy with each other.
  await ensurePackages(['curl', 'git', 'make', 'pigz', 'procps', 'python3', 'util-linux']);
  // For the programs that tests send to the embedded server.
  await ensurePackages(['bubblewrap', 'default-jdk-headless', 'g++']);
  // And for what completes sandboxctl at their prompts.
  await ensurePackages(['fish', 'zsh']);
}

function leaveOut(): void {
  leftOut = isRoot ? leftOutAsRoot() : leftOutWithoutRoot();
  if (leftOut.length === 0) return;
  console.error(`left out${BY_WHOM}: ${leftOut.length} test files`);
  for (const reason of new Set(leftOut.map(({ why }) => why))) {
    console.error(`  ${reason}:`);
    for (const { file, why } of leftOut) if (why === reason) console.error(`    ${file}`);
  }
}

/** And once after them, however they ended: a run that was not whole must not look whole. */
export async function teardown(): Promise<void> {
  if (leftOut.length > 0) console.error(`${leftOut.length} test files were left out${BY_WHOM}`);
  await sweepRun(identity(process.pid));
  await sweepClusters();
  // Nothing ran where the setup failed.
  if (before === undefined) return;
  const there = before;
  const changed = (await changedFiles()).filter((line) => !there.includes(line));
  if (changed.length === 0) return;
  console.error(`the tests changed the source tree:\n${changed.join('\n')}`);
  // Vitest prints what a teardown throws, and ends as if nothing had been.
  process.exitCode = 1;
}
