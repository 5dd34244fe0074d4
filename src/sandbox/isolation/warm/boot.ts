import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SlotGroups } from '../../limits/cgroup/slot-groups.js';
import { ownStack, stackBytes, systemLimits } from '../../limits/limits.js';
import { HOST_NAME } from '../lite/hosts.js';
import { rootScript } from '../lite/root-script.js';
import { seccompFilter } from '../lite/seccomp.js';
import type { LitePlan, WarmPlan } from '../plan.js';
import { SOCKET_CALLS } from './asked-calls.js';
import { USUAL_MODULES } from './modules.js';

const SOURCES = fileURLToPath(new URL('../../../../templates/warm', import.meta.url));
/** In the zygote's own /tmp, over which each sandbox mounts one of its own. */
const FOLDER = '/tmp/.warm';

/** Users that the sandboxes of one zygote run as; null: all as this server's user. */
export interface WarmUsers {
  uid: number;
  gid: number;
  /** How many there are, with the zygote's own. */
  count: number;
}

export interface ZygoteOptions {
  plan: LitePlan;
  warm: WarmPlan;
  users: WarmUsers | null;
  /** Where its programs' processes can be born in cgroups. */
  groups?: SlotGroups | undefined;
  /** Modules beside the usual ones. */
  modules: readonly string[];
  /** Where its programs lie, as they see it. */
  folder: string;
  file: string;
}

/** How many sandboxes without users of their own a zygote may have at once. */
const SHARED_USERS = 64;

/** The words that start a zygote. Every program can read them: its first process keeps them. */
export function bootWords({ python }: WarmPlan): string[] {
  return [python, '-I', '-S', '-c', 'import json, os; given = json.load(os.fdopen(3)); exec(given["boot"])'];
}

/** What is read there: boot.py, how it makes the zygote, and what that is given. */
export function bootConfig({ plan, warm, users, groups, modules, folder, file }: ZygoteOptions): string {
  const filter = (asked: readonly string[]) =>
    (plan.filtered ? seccompFilter(process.arch, plan.cgroup !== undefined, asked) : undefined)?.toString(
      'hex',
    ) ?? null;
  const numbers = users === null ? Array(SHARED_USERS).fill(0) : range(1, users.count);
  const config = {
    folder,
    file,
    network: plan.network,
    keysListed: plan.keysListed,
    tmpSize: plan.tmpSize,
    memory: plan.memory,
    hostName: HOST_NAME,
    limits: systemLimits(plan),
    // Of nearly all programs, so that it is set once.
    ownStack: ownStack(),
    filter: filter([]),
    askingFilter: plan.network ? null : filter(SOCKET_CALLS),
    userNumbers: numbers,
  };
  const sources = readdirSync(SOURCES).filter((name) => name !== 'boot.py' && name.endsWith('.py'));
  const texts = sources.map((name): [string, string] => [name, readFileSync(join(SOURCES, name), 'utf8')]);
  const root = rootScript(plan, ['ln -s /proc/kcore dev/core']);
  return JSON.stringify({
    boot: readFileSync(join(SOURCES, 'boot.py'), 'utf8'),
    users,
    cgroup: groups?.folder ?? null,
    network: plan.network,
    hostName: HOST_NAME,
    root: [...root, 'mount -t tmpfs -o mode=755,size=8m,nosuid,nodev sandbox /tmp'].join('\n'),
    folder: FOLDER,
    files: {
      ...Object.fromEntries(texts),
      'config.json': JSON.stringify(config),
      modules: [...modules, ...USUAL_MODULES].join(' '),
    },
    // The room below a stack is fixed when an interpreter starts: as much as the largest that a program may have.
    stack: Math.max(stackBytes(plan.memory), ownStack()),
    words: [warm.python, file],
    env: { ...plan.env, PWD: folder },
    zygoteEnv: { PYTHONPATH: FOLDER, LD_BIND_NOW: '1' },
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
