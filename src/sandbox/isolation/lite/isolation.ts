import { RunGroups } from '../../limits/cgroup/run-groups.js';
import { driverLimits } from '../../limits/limits.js';
import { KeptBytes } from '../../process/unnamed-file.js';
import { PipeSource } from '../../stdio/pipe-source.js';
import type { Owner } from '../../stdio/program-pipes.js';
import type { Isolated, Program } from '../../types.js';
import type { LitePlan, SandboxUser } from '../plan.js';
import { WarmRuns } from '../warm/warm-runs.js';
import { Boxes, type Launchers } from './boxes.js';
import { bwrapPrefix, bwrapWords } from './bwrap.js';
import { driverScript, FD } from './driver.js';
import { hostsFile } from './hosts.js';
import type { SandboxLauncher } from './launcher.js';
import { runInSandbox } from './run.js';
import { seccompFilter } from './seccomp.js';
import { unshareLauncher } from './unshare.js';
import { waiter } from './waiter.js';

/** Runs programs in namespaces of their own. `offset` keeps the users of several launchers apart. */
export function liteIsolation(plan: LitePlan, offset: number): Isolated {
  const groups = plan.cgroup && new RunGroups(plan.cgroup);
  const pipes = new PipeSource();
  const common = { env: plan.env, outputCap: plan.outputCap, groups, pipes };
  const boxes = new Boxes((visible) => {
    const now = { ...plan, visible };
    const cold = plan.by === 'bwrap' ? byBwrap(now, common) : byUnshare(now, common);
    if (plan.warm === null) return cold;
    const warm = new WarmRuns({ plan: now, warm: plan.warm, groups, offset });
    const close = async () => {
      await Promise.all([warm.close(), cold.close()]);
    };
    return { ...cold, warm, close };
  }, plan.visible);
  const users = plan.user === null ? undefined : new Users(plan.user, offset);
  return {
    run: async (program, signal) => {
      const { launchers, leave } = boxes.enter();
      let user: Owner;
      try {
        const began = performance.now();
        const warm = await launchers.warm?.run(program, signal);
        if (typeof warm === 'object') return warm;
        user = users?.take();
        const { limits } = program;
        // The time that a failing zygote took counts against the client's timeout.
        const latest = limits.latest - (performance.now() - began) / 1000;
        const cold = { ...program, limits: { ...limits, latest } };
        const outcome = await runInSandbox(launchers.launcherFor(user), cold, signal);
        return warm === undefined ? outcome : { ...outcome, cold: warm };
      } finally {
        leave();
        if (user !== undefined) users?.give(user);
      }
    },
    show: (visible) => boxes.show(visible),
    close: async () => {
      await boxes.close();
      await pipes.close();
      await groups?.close();
    },
  };
}

type Common = Pick<SandboxLauncher, 'env' | 'outputCap' | 'groups' | 'pipes'>;

function byBwrap(plan: LitePlan, common: Common): Launchers {
  const [wait, hosts] = [waiter(process.arch), hostsFile()];
  const filter = plan.filtered ? seccompFilter(process.arch, plan.cgroup !== undefined) : undefined;
  const kept = filter && new KeptBytes(filter);
  const copies = new Map<number, string | KeptBytes>([[FD.shell, '/bin/sh']]);
  if (wait !== undefined) copies.set(FD.waiter, new KeptBytes(wait));
  if (hosts !== undefined) copies.set(FD.hosts, new KeptBytes(hosts));
  const box = bwrapPrefix(plan, copies);
  const words = (program: Program) =>
    bwrapWords(box, program, driverScript(program, driverLimits(program.limits, plan), wait !== undefined));
  return {
    launcherFor: (user) => ({
      ...common,
      words,
      depth: 0,
      stderr: 2,
      filter: kept,
      copies,
      ...(user && { user }),
    }),
    close: async () => {
      for (const each of [kept, ...copies.values()]) if (typeof each === 'object') each.close();
    },
  };
}

/** Without bubblewrap all runs enter the holder's namespaces, which belong to one user. */
function byUnshare(plan: LitePlan, common: Common): Launchers {
  const { user } = plan;
  const { words, close } = unshareLauncher(plan);
  const as = user && { user: { uid: user.uid, gid: user.gid } };
  return {
    launcherFor: () => ({
      ...common,
      words,
      depth: 1,
      stderr: FD.seccomp,
      filter: undefined,
      copies: new Map(),
      ...as,
    }),
    close,
  };
}

/** Hands out users that no other run has at the same time. */
class Users {
  private readonly free: number[] = [];
  private next: number;
  private readonly user: SandboxUser;

  constructor(user: SandboxUser, offset: number) {
    this.user = user;
    this.next = user.uid + (user.range ? offset : 0);
  }

  take(): { uid: number; gid: number } {
    const { gid, range } = this.user;
    const uid = this.free.pop() ?? (range ? this.next++ : this.next);
    return { uid, gid };
  }

  give({ uid }: { uid: number }): void {
    if (this.user.range) this.free.push(uid);
  }
}
