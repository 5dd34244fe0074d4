import { randomBytes } from 'node:crypto';
import { canaryRequest, healthRequest } from '../api/canary.js';
import { challenge, SERVER_IDENTITY } from '../api/identity.js';
import { SandboxctlError } from '../errors.js';
import type { Registered } from '../fleet/facts.js';
import type { ServerView } from '../fleet/instance.js';
import type { Scheduler } from '../scheduler/port.js';
import { readPart } from './templates.js';

/**
 * Reads lines `ID HOST PORT TARGET HMAC PRINTED BODY`, prints `ok ID` for each server that answers both requests.
 * Only bash, since nothing is installed on the nodes; secrets come by stdin, since argv is public.
 */
const ASK_ALL = `
ask() {
  if [[ $4 != - ]]; then
    [[ $(timeout 15 bash -c "$HTTP" http "$2" "$3" GET "$4" 2>/dev/null) == *""$5""* ]] || return
  fi
  [[ $(timeout 15 bash -c "$HTTP" http "$2" "$3" POST /run_code "$7" 2>/dev/null) == *"$6"* ]] && echo "ok $1"
}
while read -r id host port target hmac printed body; do
  ask "$id" "$host" "$port" "$target" "$hmac" "$printed" "$body" &
done
wait
exit 0`;

/**
 * Returns the servers that a node of another partition cannot reach, by one job step. Throws kind `refused` if Slurm
 * does not run it.
 */
export async function unreachableFrom(
  scheduler: Scheduler,
  partition: string,
  instances: readonly ServerView[],
  registrations: ReadonlyMap<string, Registered>,
): Promise<ServerView[]> {
  const lines = instances.map((view) => {
    const random = randomBytes(8).toString('hex');
    const { nonce = '', secret } = registrations.get(view.jobId ?? '') ?? {};
    const asked =
      secret === undefined
        ? undefined
        : challenge(SERVER_IDENTITY, secret, view.url ?? `http://localhost:${view.port}`);
    const proof =
      asked === undefined ? `- - ${random}:${nonce}` : `${asked.target} ${asked.expected} "${random}`;
    const body = (asked === undefined ? canaryRequest : healthRequest)(random);
    return `${view.instance} ${view.host} ${view.port} ${proof} ${JSON.stringify(body)}`;
  });
  const script = `${await readPart('http')}\n${ASK_ALL}`;
  const answer = await scheduler.runOneOff({ partition }, ['bash', '-c', script], `${lines.join('\n')}\n`);
  if (!answer.ok) {
    throw new SandboxctlError('refused', {
      what: `no program could be run in partition ${partition} to ask the servers from there`,
      detail: answer.detail,
      hint: 'correct --probe-from, or leave it out',
    });
  }
  const reached = new Set(
    answer.stdout.split('\n').map((line) => Number(/^ok (\d+)$/.exec(line)?.[1] ?? -1)),
  );
  return instances.filter((view) => !reached.has(view.instance));
}
