import { execFileSync } from 'node:child_process';
import { checkCheckout, clientFacts } from './check.js';

// `npm run clients:check -- CHECKOUT...`: what we rely on about clients, and no longer holds in these checkouts.
const folders = process.argv.slice(2);
if (folders.length === 0) {
  console.error(`usage: npm run clients:check -- CHECKOUT...\n\nCheckouts of any of:`);
  for (const { client, repository, commit } of clientFacts())
    console.error(`  ${client}: ${repository}, read at ${commit.slice(0, 12)}`);
  process.exit(2);
}

let exitCode = 0;
for (const folder of folders) {
  const checked = checkCheckout(folder);
  if (checked === undefined) {
    console.log(`${folder}: no client that we know, or the file is gone by which it is recognized`);
    exitCode = 1;
    continue;
  }
  const { client, broken } = checked;
  const now = commitOf(folder);
  const compared =
    now === client.commit
      ? 'the commit that was read'
      : `${now.slice(0, 12)}, read at ${client.commit.slice(0, 12)}`;
  console.log(
    `${client.client} (${compared}): ${client.facts.length - broken.length} of ${client.facts.length} facts hold`,
  );
  for (const { fact, why } of broken) {
    console.log(`  no longer: ${fact.fact}\n    used by ${fact.used_by}; ${why}`);
    exitCode = 1;
  }
}
process.exit(exitCode);

function commitOf(folder: string): string {
  try {
    return execFileSync('git', ['-C', folder, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'no commit';
  }
}
