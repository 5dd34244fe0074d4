import type { Result } from '../cluster/execute.js';
import type { Lab } from '../support/lab.js';

/** Runs Python on a server and returns what it printed. */
export async function python(url: string, code: string): Promise<string> {
  const answer = await fetch(`${url}/run_code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, language: 'python', run_timeout: 30 }),
  });
  const body = (await answer.json()) as { run_result: { stdout: string; stderr: string } | null };
  if (body.run_result === null || body.run_result.stderr !== '') throw new Error(JSON.stringify(body));
  return body.run_result.stdout;
}

/** The environment that a program sees. */
export async function environment(url: string): Promise<Record<string, string>> {
  return JSON.parse(await python(url, 'import json, os; print(json.dumps(dict(os.environ)))'));
}

/** The URL that a deploy of one server printed. */
export function onlyUrl(deployed: Result): string {
  if (deployed.code !== 0) throw new Error(deployed.stderr);
  return deployed.stdout.trim();
}

export async function jobOf(lab: Lab, fleet: string): Promise<string> {
  const told = await lab.run(['squeue', '-h', '-r', `--name=sandboxctl-${fleet}`, '-o', '%i']);
  return told.stdout.trim();
}
