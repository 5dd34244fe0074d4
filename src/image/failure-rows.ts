import type { ErrorKind } from '../errors.js';

/** What a row may name in its texts. */
export interface FailureNames {
  /** The image as people write it. */
  image: string;
  /** Host that was asked. */
  host: string;
  /** Folder of the final image. */
  target: string;
}

export interface FailureRow {
  /** Tested on each line of stderr, last line first. */
  line: RegExp;
  /** Where the exit code tells more than the words. */
  code?: number;
  kind: ErrorKind;
  what: (names: FailureNames, match: RegExpExecArray) => string;
  hint: string;
}

export const CREDENTIALS =
  "add 'machine MACHINE login USER password PASSWORD' to enroot's ~/.config/enroot/.credentials, or run 'docker login HOST', then sandboxctl import-image again";
const AGAIN = 'run sandboxctl import-image again: finished layers are kept';
const NETWORK =
  "try 'sandboxctl import-image --on job' where only nodes reach the network, set https_proxy, or set registryMirror";
const SPACE =
  'free room there, or point ENROOT_CACHE_PATH, ENROOT_TEMP_PATH or the config key imageDir to a folder with more';

/** The first row that knows a line wins; from the special to the general. Recorded from enroot 4.1.2 and curl 7.88. */
export const FAILURE_ROWS: readonly FailureRow[] = [
  {
    line: /manifests\/\S+ returned error code: 404\b/,
    kind: 'refused',
    what: ({ image, host }) => `${host} has no image ${image}`,
    hint: 'check name and tag, then: sandboxctl import-image NAME:TAG',
  },
  {
    line: /returned error code: 401\b/,
    kind: 'refused',
    what: ({ image, host }) => `${host} does not give out ${image}: it is private, or it does not exist`,
    hint: CREDENTIALS,
  },
  {
    line: /returned error code: 403\b/,
    kind: 'refused',
    what: ({ image, host }) => `${host} forbids to pull ${image}`,
    hint: CREDENTIALS,
  },
  {
    line: /error(?: code)?: 429\b/,
    kind: 'tool',
    what: ({ host }) => `${host} limits how often it may be asked`,
    hint: 'wait, or log in for a higher limit (~/.config/enroot/.credentials), or set registryMirror; then sandboxctl import-image again',
  },
  {
    line: /error(?: code)?: (5\d\d)\b/,
    kind: 'tool',
    what: ({ host }, match) => `${host} is out of order (HTTP ${match[1]})`,
    hint: 'try again later, or set registryMirror',
  },
  {
    line: /Could not process JSON input|Could not retrieve digest|answered without a digest/,
    kind: 'tool',
    what: ({ host }) =>
      `something that is no registry answered for ${host}, such as the login page of a network`,
    hint: 'look at it: curl -sSi https://HOST/v2/ ; log in there, set https_proxy, or set registryMirror',
  },
  {
    line: /Could not parse (?:digest|authentication)/,
    kind: 'refused',
    what: ({ image, host }) => `${host} has no manifest of ${image} that enroot understands`,
    hint: 'check that the image exists for this architecture, or pull it on a newer enroot',
  },
  {
    line: /curl: \(22\) The requested URL returned error: 404/,
    kind: 'refused',
    what: ({ image, host }) => `${host} lists a layer of ${image} that it does not have`,
    hint: 'push the image again, or import another tag: sandboxctl import-image NAME:TAG',
  },
  {
    line: /curl: \(22\) The requested URL returned error: (\d+)/,
    kind: 'refused',
    what: ({ image, host }, match) => `${host} does not give out a layer of ${image} (HTTP ${match[1]})`,
    hint: AGAIN,
  },
  {
    line: /Checksum mismatch/,
    kind: 'refused',
    what: ({ image }) => `a layer of ${image} arrived damaged`,
    hint: `${AGAIN}; if it happens again, something between changes what it carries: set registryMirror to an https:// mirror`,
  },
  {
    line: /curl: \(18\)/,
    kind: 'tool',
    what: ({ host }) => `the line to ${host} broke off in the middle of a layer`,
    hint: AGAIN,
  },
  {
    line: /curl: \(28\)/,
    kind: 'tool',
    what: ({ host }) => `${host} stopped sending, or did not answer in time`,
    hint: `${AGAIN}; ${NETWORK}`,
  },
  {
    line: /curl: \(5\)|curl: \(97\)/,
    kind: 'tool',
    what: () => 'the proxy for the registry cannot be used',
    hint: 'check https_proxy, http_proxy and no_proxy in your environment',
  },
  {
    line: /curl: \(6\)/,
    kind: 'tool',
    what: ({ host }) => `the name ${host} cannot be resolved`,
    hint: NETWORK,
  },
  {
    line: /curl: \(7\)/,
    kind: 'tool',
    what: ({ host }) => `nothing at ${host} takes connections`,
    hint: NETWORK,
  },
  {
    line: /curl: \(35\)/,
    kind: 'tool',
    what: ({ host }) => `${host} does not speak https`,
    hint: 'set registryMirror to http://HOST:PORT where that is meant, or set ENROOT_ALLOW_HTTP=y for this registry',
  },
  {
    line: /curl: \((?:51|58|60|77)\)/,
    kind: 'tool',
    what: ({ host }) => `the certificate of ${host} is not trusted here`,
    hint: 'set SSL_CERT_FILE to the certificates of your site, then sandboxctl import-image again',
  },
  {
    line: /curl: \((\d+)\)/,
    kind: 'tool',
    what: ({ host }) => `the transfer from ${host} failed`,
    hint: AGAIN,
  },
  {
    line: /Invalid (?:image reference|argument): /,
    kind: 'usage',
    what: ({ image }) => `enroot does not take ${image} for an image`,
    hint: 'write it as name:tag or registry/name:tag: sandboxctl import-image varad0309/code_sandbox:server',
  },
  {
    line: /Command not found: (\S+)/,
    kind: 'tool',
    what: (_, match) => `enroot needs ${match[1]}, which is not installed here`,
    hint: "have it installed, or import on a node: 'sandboxctl import-image --on job'",
  },
  {
    line: /zstd: error 70|cannot write block : No space left/,
    kind: 'refused',
    what: () => "enroot's cache folder is full",
    hint: SPACE,
  },
  {
    line: /Write failed because No space left|Failed to write to output filesystem/,
    kind: 'refused',
    what: ({ target }) => `${target} is full`,
    hint: SPACE,
  },
  {
    line: /No space left on device|tar: .*: Wrote only \d+ of \d+ bytes/,
    kind: 'refused',
    what: () => 'the folder where enroot unpacks layers is full',
    hint: SPACE,
  },
  {
    line: /Disk quota exceeded/,
    kind: 'refused',
    what: () => 'your disk quota is used up',
    hint: SPACE,
  },
  {
    line: /\/enroot['’]?: Permission denied/,
    kind: 'tool',
    what: () => 'enroot cannot make its runtime folder',
    hint: 'set ENROOT_RUNTIME_PATH to a folder of yours, such as /tmp/enroot-$USER',
  },
  {
    line: /user namespace|Operation not permitted|failed to mount overlay|unshare/,
    kind: 'tool',
    what: () => 'this machine does not let you make the namespaces that enroot needs',
    hint: "import on a node: 'sandboxctl import-image --on job'",
  },
  {
    line: /No such file or directory: (\S.*)/,
    kind: 'refused',
    what: ({ target }) => `${target} cannot be written where enroot runs`,
    hint: 'choose a folder that this machine and the nodes share: -o FILE, or the config key imageDir',
  },
  {
    line: /File already exists|will not overwrite/,
    kind: 'refused',
    what: ({ target }) => `something else writes into ${target}`,
    hint: 'run sandboxctl import-image again',
  },
  {
    line: /CANCELLED AT .* DUE TO TIME LIMIT/,
    kind: 'refused',
    what: () => 'the job that imported ran into its time limit',
    hint: 'give it more: sandboxctl import-image --on job --time 2:00:00',
  },
  {
    line: /Out Of Memory|oom-kill|Killed\b/i,
    kind: 'refused',
    what: () => 'the import was killed for want of memory',
    hint: 'import on a node: sandboxctl import-image --on job; or set ENROOT_MAX_PROCESSORS to less',
  },
  {
    line: /Unable to contact slurm controller|Socket timed out|configuration source|Munge/,
    kind: 'tool',
    what: () => 'Slurm cannot be reached for the job that imports',
    hint: "try 'sinfo', or import on this machine: sandboxctl import-image --on here",
  },
  {
    line: /srun: error: (?:Unable to allocate resources|.*allocation failure)/,
    kind: 'refused',
    what: () => 'Slurm refused the job that imports',
    hint: 'check --partition, --time, --account and --qos; or: sandboxctl import-image --on here',
  },
  {
    line: /^srun: (?:error|fatal): /,
    kind: 'refused',
    what: () => 'the job that imports failed',
    hint: 'check --partition, --time, --account and --qos; or: sandboxctl import-image --on here',
  },
];
