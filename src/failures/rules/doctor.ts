import type { FailureRule } from '../rule.js';

const ADMINISTRATORS = 'ask the administrators';

/** What only `sandboxctl doctor` finds: nothing fails by it at once, or nothing that fails says so. */
export const DOCTOR_RULES: readonly FailureRule[] = [
  {
    id: 'check-not-possible',
    cause: 'not checked: {check}',
    hint: "'sandboxctl -v doctor' shows each tool that runs, and how long it takes",
    doctor: { severity: 'warning', matters: 'what is wrong there stays unknown' },
  },
  {
    id: 'file-system-hangs',
    cause: 'the folder {folder} gives no answer on {node}',
    hint: `${ADMINISTRATORS} about the file system there, or use another folder: {setting}`,
    doctor: { severity: 'error', matters: 'every command and every job that uses it hangs' },
  },
  {
    id: 'folder-not-writable',
    cause: 'you cannot write {role} on {node}: {folder}',
    hint: 'make the folder writable for you, or use another: {setting}',
    doctor: { severity: 'error', matters: '{matters}' },
  },
  {
    id: 'disk-nearly-full',
    cause: 'little space is left for {role} on {node}: {free} in {folder}',
    hint: 'free some there, or use another folder: {setting}',
    doctor: { severity: 'warning', matters: 'when it is full, {matters}' },
  },
  {
    id: 'inodes-nearly-used-up',
    cause: 'the file system for {role} on {node} takes only {free} more files: {folder}',
    hint: 'delete files there, or use another folder: {setting}',
    doctor: { severity: 'warning', matters: 'when no file can be made, {matters}' },
  },
  {
    id: 'shm-small',
    cause: '/dev/shm on {node} has {free}',
    hint: `${ADMINISTRATORS} for a larger one, such as 'mount -o remount,size=50% /dev/shm'`,
    doctor: {
      severity: 'warning',
      matters: 'programs that share memory (multiprocessing, numpy, PyTorch) fail there, and look wrong',
    },
  },
  {
    id: 'few-open-files',
    cause: 'a process on {node} may have {limit} files open',
    hint: "run 'ulimit -n 65536' before 'sandboxctl gateway', or ask the administrators for more",
    doctor: {
      severity: 'warning',
      matters: 'a gateway there takes about half as many connections at once; further callers wait',
    },
  },
  {
    id: 'program-not-run',
    cause: 'a server on {node} starts, and does not run a program as it should',
    hint: "'sandboxctl serve' on that machine says in its log what programs lack",
    doctor: { severity: 'error', matters: 'servers there do not become ready' },
  },
  {
    id: 'seccomp-filter-refused',
    cause: '{node} cannot put a seccomp filter on programs',
    hint: 'leave --isolation out: the server then starts without the filter and warns',
    doctor: {
      severity: 'error',
      matters: 'a server there refuses to start with the --isolation lite that was asked for',
    },
  },
  {
    id: 'no-node-up',
    cause: 'no node of partition {partition} is up',
    hint: 'choose another with --partition, or ask the administrators when they come back',
    doctor: { severity: 'error', matters: 'jobs wait there until a node comes back' },
  },
  {
    id: 'partition-down',
    cause: 'partition {partition} is {state}: it starts no jobs',
    hint: 'choose another with --partition',
    doctor: { severity: 'error', matters: 'sbatch accepts the jobs, and they wait until somebody opens it' },
  },
  {
    id: 'partition-not-for-you',
    cause: 'partition {partition} is not for your groups or accounts',
    hint: 'choose another with --partition, or name an --account that may use it',
    doctor: { severity: 'error', matters: 'sbatch refuses the jobs' },
  },
  {
    id: 'partition-for-large-jobs',
    cause: 'partition {partition} takes only jobs of {least} nodes or more',
    hint: 'choose another with --partition: each server is a job of one node',
    doctor: { severity: 'error', matters: 'the jobs never start' },
  },
  {
    id: 'partition-short',
    cause: 'jobs in partition {partition} end after {limit}',
    hint: 'choose another with --partition, or plan to run the same deploy again',
    doctor: { severity: 'warning', matters: 'a training that takes longer loses its servers' },
  },
  {
    id: 'submit-host-not-allowed',
    cause: 'jobs for partition {partition} cannot be submitted from {node}',
    hint: 'submit from {allowed}, or choose another with --partition',
    doctor: { severity: 'error', matters: 'sbatch refuses the jobs' },
  },
  {
    id: 'maintenance-ahead',
    cause: 'maintenance {name} takes {count} of {of} nodes of partition {partition} {when}',
    hint: 'deploy with --time {time} to end before it on purpose, and deploy again after it',
    doctor: {
      severity: 'warning',
      matters:
        "jobs start there only if they end before it: 'deploy' shortens their time where too few other nodes are left",
    },
  },
  {
    id: 'jobs-forgotten-soon',
    cause: 'Slurm forgets a job {age} s after its end (MinJobAge), and there is no accounting',
    hint: 'ask the administrators for MinJobAge=300, its default',
    doctor: { severity: 'warning', matters: 'why a server ended is often not known' },
  },
  {
    id: 'jobs-can-be-suspended',
    cause: 'jobs here can be suspended for others (PreemptMode={mode})',
    hint: 'choose a --partition or --qos that is not preempted',
    doctor: { severity: 'warning', matters: 'a suspended server takes connections and answers none' },
  },
  {
    id: 'image-out-of-date',
    cause: 'the registry has a newer {image} than the one imported on {time}',
    hint: "'sandboxctl import-image' imports it, and the next deploy replaces the servers",
    doctor: { severity: 'warning', matters: 'new servers run the old image' },
  },
  {
    id: 'image-without-python',
    cause: 'there is no Python in the image {image}',
    hint: 'choose another image with --image',
    doctor: { severity: 'error', matters: 'SandboxFusion is a Python program: no server starts' },
  },
  {
    id: 'image-without-server',
    cause: 'the image {image} has neither sandbox/server/server.py nor a Makefile that starts a server',
    hint: 'name an image of SandboxFusion with --image, or start the server otherwise in a --template',
    doctor: { severity: 'error', matters: 'jobs end as they start' },
  },
  {
    id: 'listens-on-loopback',
    cause: '{what} listens on loopback only',
    hint: 'let it listen on $HOST, which is 0.0.0.0 in a job: in the Makefile of another --image or --checkout, or in a --template',
    doctor: { severity: 'error', matters: 'it answers on its own node, and refuses clients elsewhere' },
  },
  {
    id: 'registry-not-reached',
    cause: '{host} cannot be asked for {image} from {node}',
    hint: 'set https_proxy or registryMirror, or import where the registry can be reached: sandboxctl import-image --on {other}',
    doctor: {
      severity: 'warning',
      matters: 'an import there fails; servers that have their image do not need it',
    },
  },
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
    id: 'node-cannot-ask-slurm',
    cause: 'Slurm does not answer on {node}',
    hint: "run 'sandboxctl deploy' and its like where 'scontrol ping' says UP, such as on the login node",
    doctor: {
      severity: 'warning',
      matters:
        "'sandboxctl exec' and 'sandboxctl gateway' work there, but 'deploy', 'status' and 'stop' do not",
    },
  },
  {
    id: 'node-not-had',
    cause: 'no job could be started in partition {partition} to check a node',
    hint: 'name another with --partition, or try again when a node is free',
    doctor: { severity: 'warning', matters: 'what a node lacks is found only when the servers start' },
  },
  {
    id: 'state-folder-stale',
    cause: '{who} sees a new file in the state folder only after {seconds} s',
    hint: 'choose a faster file system: SANDBOXCTL_STATE_DIR',
    doctor: {
      severity: 'warning',
      matters: 'servers that are ready, and those that failed, are noticed so much later',
    },
  },
  {
    id: 'clocks-differ',
    cause: 'the clock of {node} is {seconds} s {direction} the one here',
    hint: 'ask the administrators to synchronize it (chrony, NTP)',
    doctor: {
      severity: 'warning',
      matters:
        'times in logs, events and expires_at do not fit together; from 5 minutes on Slurm refuses to authenticate',
    },
  },
  {
    id: 'cpus-overstated',
    cause: 'Slurm counts {slurm} CPUs on {node}, which has {hardware}',
    hint: 'set --workers to what the node can run, or ask the administrators to correct slurm.conf',
    doctor: {
      severity: 'warning',
      matters: 'servers start too many workers, and programs time out that would not',
    },
  },
  {
    id: 'workers-too-many',
    cause: '--workers {workers} is more than the {hardware} CPUs of {node}',
    hint: 'leave --workers out, which starts one for every three CPUs',
    doctor: {
      severity: 'warning',
      matters: 'each worker takes some 90 MB and starts programs at once: they wait for a CPU, and time out',
    },
  },
  {
    id: 'other-architecture',
    cause: 'the image is for {image}, and {node} is {machine}',
    hint: 'import it for the nodes: sandboxctl import-image --force --arch {machine}',
    doctor: { severity: 'error', matters: 'no program in the image can run there' },
  },
  {
    id: 'folder-not-seen',
    cause: 'node {node} does not see {role}: {folder}',
    hint: 'use a folder on a file system that the nodes share: {setting}',
    doctor: { severity: 'error', matters: '{matters}' },
  },
  {
    id: 'server-not-reached-from',
    cause: '{what} of fleet {fleet} cannot be reached from {node}: {url}',
    hint: 'deploy with another --endpoint-host, such as ip or interface:NAME; or ask whether a firewall closes the port',
    doctor: { severity: 'error', matters: 'clients there get no answer from it' },
  },
  {
    id: 'fleet-spec-unreadable',
    cause: 'the spec of fleet {fleet} cannot be read: {path}',
    hint: "if a newer sandboxctl wrote it, use that one; else 'sandboxctl deploy --fleet {fleet} --nodes N' writes it anew with the settings that you pass, or 'sandboxctl stop --fleet {fleet}' ends the fleet, and you delete the file",
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
