import { stopOnSignals } from '../../src/cli/session.js';
import { importImage } from '../../src/commands/import-image.js';
import { SandboxctlError } from '../../src/errors.js';
import { type Asked, contextFor } from './context.js';

/** `import-image` as a process of its own, for tests that kill it. Takes what was asked as JSON. */
const stop = new AbortController();
stopOnSignals(stop);
const asked = JSON.parse(process.argv[2] ?? '{}') as Asked;
const context = contextFor(asked, {
  signal: stop.signal,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
});
try {
  await importImage(context, asked);
} catch (error) {
  if (!(error instanceof SandboxctlError)) throw error;
  process.stderr.write(`error: ${error.message}\n  ${error.words ?? ''}\nhint: ${error.hint}\n`);
  process.exitCode = error.exitCode;
}
