import { appendFile, rename, stat } from 'node:fs/promises';
import type { FleetEvent } from '../fleet/events.js';
import type { Run } from '../process/run.js';
import type { Hooks } from '../state/keeper.js';
import { formatAge } from '../text/duration.js';

/** Time limit of a hook. Milliseconds. */
const LONGEST_MS = 30_000;
/** How long the output of a hook's background programs is awaited after the hook has ended. Milliseconds. */
const LINGER_MS = 500;
/** The part of a hook's output that is logged: its last bytes. */
const OUTPUT_BYTES = 4_096;
/** Size at which the log is moved to hooks.log.1. Bytes. */
const LOG_BYTES = 1_000_000;

type HookName = keyof Hooks;

export interface HookDeps {
  hooks: () => Hooks;
  log: string;
  env: NodeJS.ProcessEnv;
  cwd: string;
  run: Run;
  now: () => number;
  warn: (words: string) => void;
}

/**
 * Runs the user's commands for events of a fleet: one at a time, each with its event as JSON on stdin. While a hook
 * runs, only the latest event of each kind is queued.
 */
export function hookRunner(deps: HookDeps) {
  const waiting = new Map<HookName, FleetEvent>();
  let readyUrls: string | undefined;
  let working: Promise<void> | undefined;

  function hooksFor(event: FleetEvent): HookName[] {
    if (event.type === 'endpoints') {
      const { ready, nodes, urls = [] } = event.data as { ready: number; nodes: number; urls?: string[] };
      const changed = readyUrls !== urls.join(' ');
      readyUrls = urls.join(' ');
      if (!changed) return [];
      return ready === nodes && nodes > 0 ? ['endpoints', 'ready'] : ['endpoints'];
    }
    const failed =
      (event.state === 'gone' && event.reason !== undefined) ||
      (event.type === 'result' && event.data?.exit_code !== 0) ||
      (event.type === 'keeper' && event.data?.failed === true);
    return failed ? ['failure'] : [];
  }

  async function work(): Promise<void> {
    for (;;) {
      const [next] = waiting;
      if (next === undefined) break;
      const [name, event] = next;
      waiting.delete(name);
      await runHook(deps, name, event);
    }
    working = undefined;
  }

  return {
    event(event: FleetEvent): void {
      for (const name of hooksFor(event)) if (deps.hooks()[name] !== null) waiting.set(name, event);
      if (waiting.size > 0) working ??= work();
    },
    flush: async () => working,
  };
}

async function runHook(deps: HookDeps, name: HookName, event: FleetEvent): Promise<void> {
  const command = deps.hooks()[name] ?? '';
  const from = deps.now();
  const ended = await deps
    .run(['bash', '-c', command], {
      ...{ env: deps.env, cwd: deps.cwd, input: `${JSON.stringify(event)}\n` },
      ...{ timeoutMs: LONGEST_MS, lingerMs: LINGER_MS, keepBytes: OUTPUT_BYTES },
    })
    .catch((error: unknown) => ({ ...FAILED, stderr: String(error) }));
  const how = ended.timedOut
    ? `ended after ${LONGEST_MS / 1000} s`
    : ended.code === null
      ? `ended by ${ended.signal ?? 'a signal'}`
      : `exit code ${ended.code}`;
  const took = formatAge((deps.now() - from) / 1000);
  const lines = `${ended.stdout}${ended.stderr}`.trimEnd();
  const output = lines === '' ? '' : `${lines.replace(/^/gm, '  ')}\n`;
  const time = new Date(from).toISOString();
  await logLine(deps.log, `${time} on-${name}: ${command}: ${how} (${took})\n${output}`);
  if (ended.code !== 0)
    deps.warn(`the command of --on-${name} failed (${how}); its output is in ${deps.log}`);
}

const FAILED = { stdout: '', stderr: '', code: null, signal: null, timedOut: false };

/** A failed write is ignored. */
async function logLine(path: string, text: string): Promise<void> {
  try {
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    );
    if (size > LOG_BYTES) await rename(path, `${path}.1`);
    await appendFile(path, text, { mode: 0o600 });
  } catch {
    // A full disk.
  }
}
