import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SandboxctlError } from '../../src/errors.js';

/** A real folder for one test, removed when it ends. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sandboxctl-endpoints-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The error of work that must fail. */
export async function refused(work: Promise<unknown>): Promise<SandboxctlError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SandboxctlError) return error;
  throw new Error(`not refused: ${String(error)}`);
}
