import { existsSync, readFileSync } from 'node:fs';
import { messageOf, SandboxctlError } from '../../errors.js';
import { launchers, type Shown } from '../process/launchers.js';
import type { Isolated, Program } from '../types.js';
import { namespacesHint } from './namespaces-hint.js';
import type { LitePlan, Plan, WarmPlan } from './plan.js';
import { modulesOf } from './warm/imports.js';

/** One process can start some 500 programs a second, and Python keeps a CPU busy for some 12 ms. */
const CPUS_PER_LAUNCHER = 6;

export interface Started {
  isolated: Isolated;
  plan: Plan;
  /** Why programs run cold; null if they run warm. */
  cold: string | null;
  /** Modules to preload that Python does not find. */
  missing: readonly string[];
}

/**
 * Makes the isolation of a plan, and runs something in it: a plan that does not hold is found here, not by the
 * first caller. Without `asked`, programs may run without a seccomp filter where none can be had. `shown`: what
 * sandboxes show of the host, before each run. Throws kind `tool` if this machine cannot do it; never takes less
 * isolation instead.
 */
export async function startIsolation(
  plan: Plan,
  slots: number,
  asked: boolean,
  shown?: Shown,
): Promise<Started> {
  if (plan.isolation === 'none')
    return { isolated: launch(plan, slots), plan, cold: 'isolation none', missing: [] };
  if (plan.user === null && isRootOfMachine())
    throw new SandboxctlError('tool', {
      what: 'programs would be root of this machine outside of their sandboxes: this server may not start them as another user',
      detail: 'CAP_SETUID or CAP_SETGID is missing',
      hint: 'give the server both, or start it as an ordinary user',
    });
  const words = plan.filtered ? [] : [`there is no seccomp filter for ${process.arch}`];
  for (const each of waysTo(plan, asked)) {
    const isolated = launch(each, slots, shown);
    try {
      await tryOut(isolated, each);
      const cold = await whyCold(isolated, each);
      if (cold === null || each.warm === null)
        return { isolated, plan: each, cold, missing: await missingModules(isolated, each.warm) };
      await isolated.close();
      const without = { ...each, warm: null };
      return { isolated: launch(without, slots, shown), plan: without, cold, missing: [] };
    } catch (error) {
      words.push(`${each.by}${each.filtered ? '' : ' without a filter'}: ${messageOf(error)}`);
      await isolated.close();
    }
  }
  // Only the filter is missing, and somebody asked for all of lite.
  if (asked && words.every((each) => /seccomp/i.test(each))) {
    throw new SandboxctlError('tool', {
      what: 'this machine cannot put a seccomp filter on programs',
      detail: words.join('\n'),
      hint: 'without --isolation lite, the server starts without the filter and warns (docs/security.md)',
    });
  }
  throw new SandboxctlError('tool', {
    what: 'this machine does not let programs be isolated',
    detail: words.join('\n'),
    hint: namespacesHint(textOf),
  });
}

/** Not of a user namespace alone. */
function isRootOfMachine(): boolean {
  return process.getuid?.() === 0 && /^\s*0\s+0\s+4294967295\s*$/.test(textOf('/proc/self/uid_map') ?? '');
}

/** The strongest first. */
function waysTo(plan: LitePlan, asked: boolean): LitePlan[] {
  const tools: LitePlan[] = plan.by === 'bwrap' ? [plan, { ...plan, by: 'unshare' }] : [plan];
  const filtered = plan.filtered ? tools : [];
  return asked ? filtered : [...filtered, ...tools.map((each) => ({ ...each, filtered: false }))];
}

function launch(plan: Plan, slots: number, shown?: Shown): Isolated {
  return launchers(plan, Math.ceil(slots / CPUS_PER_LAUNCHER), shown);
}

const TRY_OUT_S = 30;

/** Prints what of the wall is missing: a capability, or the filter (mode 2 of proc(5)). */
const LOOK = `while read -r name value _; do
  case $name:$value in
    Seccomp::0) echo 'no seccomp filter' ;;
    Cap???::*[!0]*) echo "capabilities: $name $value" ;;
  esac
done </proc/self/status`;

/** The same for a program in Python. */
const WARM_LOOK = `import re
for name, value in re.findall(r"(Seccomp|Cap...):\\s*(\\w+)", open("/proc/self/status").read()):
    if int(value, 16) == 0 if name == "Seccomp" else int(value, 16) > 0:
        print(name, value)
`;

async function tryOut(isolated: Isolated, { filtered }: LitePlan): Promise<void> {
  // What has a compiler gets a sandbox of its own.
  const program = { ...trial(LOOK, '/bin/sh'), compile: ['/bin/true'] };
  const { run } = await isolated.run(program, new AbortController().signal);
  if (run?.code !== 0)
    throw new Error(`a first program ended with ${run?.code}: ${run?.stderr.bytes.toString()}`);
  const lacks = run.stdout.bytes.toString().trim();
  if (filtered && lacks !== '') throw new Error(lacks);
}

/** Why programs do not run warm; null if they do, behind the same wall. */
async function whyCold(isolated: Isolated, { warm, filtered }: LitePlan): Promise<string | null> {
  if (warm === null) return 'turned off';
  // Without it, a program could start processes, and let itself be traced, in the zygote's name.
  if (!filtered) return `there is no seccomp filter for ${process.arch}`;
  const program = trial(WARM_LOOK, warm.python);
  const { run, warm: ran, cold } = await isolated.run(program, new AbortController().signal);
  if (ran !== true) return cold ?? 'it was not tried';
  if (run?.code !== 0) return `a first program ended with ${run?.code}: ${run?.stderr.bytes.toString()}`;
  const lacks = run.stdout.bytes.toString().trim();
  return lacks === '' ? null : lacks;
}

async function missingModules(isolated: Isolated, warm: WarmPlan | null): Promise<string[]> {
  if (warm === null || warm.preload.length === 0) return [];
  const packages = new Set(warm.preload.flatMap(modulesOf).map((name) => name.split('.', 1)[0]));
  const code = `import importlib.util
for name in ${JSON.stringify([...packages])}:
    if importlib.util.find_spec(name) is None: print(name)
`;
  const { run } = await isolated.run(trial(code, warm.python), new AbortController().signal);
  return run?.stdout.bytes.toString().split('\n').filter(Boolean) ?? [];
}

function trial(code: string, tool: string): Program {
  const folder = '/tmp/tmptryout';
  const file = `${folder}/code`;
  return {
    folder,
    file,
    code,
    run: [tool, file],
    stdin: null,
    env: {},
    files: new Map(),
    fetch: [],
    limits: {
      compileTimeout: TRY_OUT_S,
      runTimeout: TRY_OUT_S,
      latest: TRY_OUT_S,
      memory: 2 ** 30,
      stack: null,
    },
  };
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
