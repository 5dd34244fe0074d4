import type { FailureRule } from '../rule.js';

/** What only `sandboxctl doctor` finds of a fleet. */
export const DOCTOR_FLEET_RULES: readonly FailureRule[] = [
  {
    id: 'proxy-catches-servers',
    cause: 'requests to {hosts} go through the proxy {proxy}',
    hint: 'add them: export no_proxy={noProxy}',
    doctor: {
      severity: 'warning',
      matters:
        'clients that obey http_proxy (requests, httpx, curl) get errors from the proxy instead of answers',
    },
  },
  {
    id: 'server-not-ready',
    cause: 'instance {instance} of fleet {fleet} is {state}',
    hint: "'sandboxctl logs {instance} --fleet {fleet}' shows why; the same 'sandboxctl deploy' replaces a server that is gone",
    doctor: { severity: 'error', matters: 'the fleet has one server less' },
  },
  {
    id: 'server-not-reached',
    cause:
      'instance {instance} of fleet {fleet} is ready on its node, and cannot be reached from here: {url}',
    hint: 'deploy with another --endpoint-host, such as ip or interface:NAME; or ask whether a firewall closes the port (--probe-from PARTITION asks from a node)',
    doctor: { severity: 'error', matters: 'clients here get no answer from it' },
  },
  {
    id: 'server-slow',
    cause: 'instance {instance} of fleet {fleet} took {seconds} s for a health check',
    hint: 'send fewer requests at once, or give the fleet more: --workers, --cpus-per-task, --nodes',
    doctor: { severity: 'warning', matters: 'it is overloaded: programs wait, and time out' },
  },
  {
    id: 'fleet-ends-soon',
    cause: 'fleet {fleet} ends in {left}',
    hint: "run the same 'sandboxctl deploy' again when its jobs have ended",
    doctor: { severity: 'warning', matters: 'runs after that find no server' },
  },
  {
    id: 'fleet-spec-unreadable',
    cause: 'the spec of fleet {fleet} cannot be read: {path}',
    hint: "if a newer sandboxctl wrote it, use that one; else 'sandboxctl deploy --fleet {fleet} --nodes N' keeps the file under another name and records the spec again",
    doctor: { severity: 'error', matters: 'nobody knows how many servers it is to have, or which' },
  },
  {
    id: 'keeper-dead',
    cause: 'fleet {fleet} is to be kept, and its keeper is dead',
    hint: "'sandboxctl status --fleet {fleet}' names the command that starts another one; 'sandboxctl events' shows what the last one did",
    doctor: { severity: 'error', matters: 'servers that end are not replaced' },
  },
  {
    id: 'keeper-failing',
    cause: 'the keeper of fleet {fleet} fails at its work',
    hint: "its words say at what; 'sandboxctl events --fleet {fleet}' shows since when",
    doctor: { severity: 'warning', matters: 'servers that end are not replaced until it succeeds' },
  },
];
