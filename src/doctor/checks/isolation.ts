import { finding } from '../../failures/finding.js';
import { foundOr, type Judgement, ok } from '../judgement.js';
import type { MachineFacts } from '../machine-facts.js';

/** The values by which the kernel's switches forbid user namespaces. */
const FORBIDS: ReadonlyMap<string, string> = new Map([
  ['/proc/sys/user/max_user_namespaces', '0'],
  ['/proc/sys/kernel/unprivileged_userns_clone', '0'],
]);

/** Whether programs of the embedded server can be isolated; `needed`: whether it would run here. */
export function judgeIsolation(machine: MachineFacts, needed: boolean): Judgement {
  const by = [machine.bwrap === '' && 'bubblewrap', machine.unshare === '' && 'unshare'].filter(Boolean);
  const also = [
    machine.seccomp ? 'seccomp' : 'no seccomp filter',
    machine.cgroup === null ? 'no cgroups' : `cgroup ${machine.cgroup}`,
  ].join(', ');
  if (by.length > 0) {
    return foundOr(`${by.join(' and ')}, ${also}`, [
      needed && !machine.seccomp && finding('no-seccomp-filter', { node: machine.node }),
    ]);
  }
  const words = whyNot(machine);
  if (!needed) return ok(`not possible, and not needed: ${words}`);
  return foundOr('', [finding('isolation-not-possible', { node: machine.node }, words)]);
}

/** Whether a container can be started there without root. */
export function judgeContainers(machine: MachineFacts): Judgement {
  const on = machine.bwrap === '' || machine.unshare === '' || machine.root;
  if (on) return ok('user namespaces work');
  return foundOr('', [finding('no-user-namespaces', { node: machine.node }, whyNot(machine))]);
}

function whyNot({ bwrap, unshare, switches }: MachineFacts): string {
  const off = [...switches].find(([path, value]) => FORBIDS.get(path) === value);
  if (off !== undefined) return `${off[0]} is ${off[1]}`;
  return [unshare ?? 'unshare: command not found', bwrap ?? 'bwrap: command not found'].join('; ');
}
