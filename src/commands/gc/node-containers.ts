import type { JobFact } from '../../fleet/job-facts.js';
import { isTerminal } from '../../fleet/job-table.js';
import type { Spec } from '../../fleet/spec.js';
import type { OneOffJob, Scheduler } from '../../scheduler/port.js';
import { readRegistration } from '../../state/registrations.js';
import type { FleetStore } from '../../state/store.js';
import { containerRoom } from './containers.js';
import type { Finding } from './finding.js';

/** How long a look waits for a node to be free. Seconds. */
const WAIT_S = 15;
/** Each look is a short job; later jobs on a node remove leftovers there, too. */
const MOST_NODES = 16;

/** As templates/runtimes/enroot.hbs does: of this user, and of a process that is gone. With names, removes these. */
const LOOK = `
gone() { # FOLDER
  [[ -O $1 && -d $1 && ! -L $1 ]] && read -r pid start 2>/dev/null <"$1/owner" || return
  read -r line 2>/dev/null <"/proc/$pid/stat" || return 0
  read -ra line <<<"\${line##*) }"
  [[ \${line[19]} != "$start" ]]
}
if (( $# )); then
  for old; do
    gone "$old" || continue
    chmod -fR u+rwX "$old"
    rm -rf --one-file-system "$old" || exit
  done
  exit
fi
for base in /tmp /var/tmp; do
  for old in "$base/sandboxctl-enroot.$UID."*; do gone "$old" && echo "$old"; done
done
exit 0
`;

interface EnrootFleet {
  store: FleetStore;
  spec: Spec;
  scheduler: Scheduler;
  jobs: readonly JobFact[];
}

interface Deps {
  /** Called before the wait, and for each node that could not be looked at. */
  say: (words: string) => void;
}

/** Containers that jobs left on compute nodes when they were killed: a short job on each node that had such jobs. */
export async function nodeContainers(fleets: readonly EnrootFleet[], { say }: Deps): Promise<Finding[]> {
  const nodes = new Map<string, { scheduler: Scheduler; job: OneOffJob }>();
  for (const { store, spec, scheduler, jobs } of fleets) {
    if (spec.job.runtime !== 'enroot') continue;
    const { partition, account, qos, reservation } = spec.job.slurm;
    const [first = partition] = partition.split(',');
    for (const node of await usedNodes(store, jobs))
      nodes.set(node, {
        scheduler,
        job: { partition: first, account, qos, reservation, node, maxWait: WAIT_S },
      });
  }
  const some = [...nodes].slice(0, MOST_NODES);
  if (some.length === 0) return [];
  say(`looking for containers on ${some.map(([node]) => node).join(', ')} (up to ${WAIT_S} s)`);
  const found = await Promise.all(some.map(([node, { scheduler, job }]) => look(scheduler, job, node, say)));
  return found.flat();
}

/** Nodes of jobs that have ended, as long as the state folder remembers them. */
async function usedNodes(store: FleetStore, jobs: readonly JobFact[]): Promise<Set<string>> {
  const listed = new Set(jobs.filter(({ state }) => !isTerminal(state)).map(({ id }) => id));
  const nodes = new Set<string>();
  for (const file of await store.listRegistrations()) {
    if (listed.has(file.replace(/\.json$/, ''))) continue;
    const node = (await readRegistration(`${store.folders.registrations}/${file}`))?.node;
    if (node !== undefined) nodes.add(node);
  }
  return nodes;
}

async function look(
  scheduler: Scheduler,
  job: OneOffJob,
  node: string,
  say: (words: string) => void,
): Promise<Finding[]> {
  const answer = await scheduler.runOneOff(job, ['bash', '-s'], LOOK);
  if (!answer.ok) {
    say(`warning: ${node} could not be looked at, so containers there are left out: ${answer.detail}`);
    return [];
  }
  return answer.stdout.split('\n').flatMap((path): Finding[] => {
    const room = containerRoom(path.split('/').at(-1) ?? '');
    if (room === undefined) return [];
    const remove = async () => {
      const removed = await scheduler.runOneOff(job, ['bash', '-s', '--', path], LOOK);
      if (!removed.ok) throw new Error(removed.detail);
    };
    return [{ kind: 'container', name: `${node}:${path}`, why: `job ${room.jobId} has ended`, remove }];
  });
}
