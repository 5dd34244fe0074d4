import { ensurePackages } from '../cluster/image/tools.js';
import { install } from '../cluster/install.js';
import { type LeftOut, leftOutWithoutRoot } from './needs.js';

const isRoot = process.getuid?.() === 0;
let leftOut: LeftOut[] = [];

/** Runs once before all tests. As root nothing is left out, so every tool is installed first. */
export async function setup(): Promise<void> {
  if (isRoot) {
    await install({ accounting: false });
    // Here and not in the test files, which would find apt busy with each other.
    await ensurePackages(['curl', 'git', 'make', 'pigz', 'procps', 'python3', 'util-linux']);
    // For the programs that tests send to the embedded server.
    await ensurePackages(['bubblewrap', 'default-jdk-headless', 'g++']);
    // And for what completes sandboxctl at their prompts.
    await ensurePackages(['fish', 'zsh']);
    return;
  }
  leftOut = leftOutWithoutRoot();
  if (leftOut.length === 0) return;
  console.error(`this is not root: ${leftOut.length} test files are left out`);
  for (const reason of new Set(leftOut.map(({ why }) => why))) {
    console.error(`  ${reason}:`);
    for (const { file, why } of leftOut) if (why === reason) console.error(`    ${file}`);
  }
}

/** And once after them: a run that was not whole must not look whole. */
export function teardown(): void {
  if (leftOut.length > 0) console.error(`${leftOut.length} test files were left out: this is not root`);
}
