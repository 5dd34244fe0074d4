import type { EventBody } from '../../fleet/events.js';
import type { Spec } from '../../fleet/spec.js';

/** SandboxFusion's protocol has no password. Reports redact what follows `password:`. */
export function warnOpenAccess(emit: (event: EventBody) => void, { job }: Spec): void {
  const onlyHere = job.cluster === 'local' && job.endpointHost === 'nodeaddr';
  const who = onlyHere
    ? 'every user of this machine can run code on them'
    : 'anyone who can connect to these nodes can run code there';
  emit({
    type: 'warning',
    reason: `the servers need no password, so ${who} (docs/security.md)`,
  });
  if (job.isolation === 'none') {
    emit({
      type: 'warning',
      reason: 'isolation none: programs run with all of your permissions',
    });
  }
}
