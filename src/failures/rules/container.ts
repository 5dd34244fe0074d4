import type { FailureRule } from '../rule.js';

const REIMPORT = "import it again with 'sandboxctl import-image --force', then run 'sandboxctl deploy'";
const ASK_PYXIS =
  "ask the cluster's administrators, or name a --partition or --nodelist where 'srun --container-image' works";

export const CONTAINER_RULES: readonly FailureRule[] = [
  {
    id: 'no-pyxis',
    jobLog: /^srun: unrecognized option '--container-image/,
    cause: 'node {node} has no pyxis: srun there does not know --container-image',
    hint: ASK_PYXIS,
    missingPrerequisite: true,
    doctor: { severity: 'error', matters: 'jobs of the runtime pyxis end as they start' },
  },
  {
    id: 'image-taken-for-docker-hub',
    jobLog: /pyxis: importing docker image: ([^/\s]+\.sqsh)$/,
    cause: "pyxis took '{1}' for an image on Docker Hub, since its path has no slash",
    hint: "name the image by its absolute path with --image, or let 'sandboxctl import-image' print it",
  },
  {
    id: 'image-not-found',
    jobLog: /\[ERROR\] No such file or directory: (.*\S)/,
    cause: 'the image {1} does not exist on node {node}',
    hint: "put it on a file system that the nodes share: config key imageDir, or 'sandboxctl import-image -o FILE'",
    doctor: { severity: 'error', matters: 'no container can be made of it there' },
  },
  {
    id: 'image-not-squashfs',
    jobLog: /\[ERROR\] Invalid image format: (.*\S)/,
    cause: 'the image {1} is empty or no squashfs',
    hint: REIMPORT,
  },
  {
    id: 'image-truncated',
    jobLog: /FATAL ERROR: .*(?:File system corruption detected|valid SQUASHFS superblock)/i,
    cause: 'the image {image} is cut short or damaged',
    hint: REIMPORT,
  },
  {
    id: 'image-damaged',
    jobLog: /\b(?:gzip|lzma|lzo|lz4|xz|zstd|zlib) uncompress failed/,
    cause: 'the image {image} is damaged: some of its blocks do not unpack',
    hint: REIMPORT,
  },
  {
    id: 'container-folder-shared',
    // The second line is unsquashfs's, where two jobs unpacked into one folder.
    jobLog:
      /(?:\[ERROR\] File already exists: |failed to (?:make directory|create (?:file|symlink)) (?=.*, because (?:File exists|No such file)))([^,]*[^,\s])/,
    cause: 'another node unpacked its container to the same place: {1}',
    hint: 'the nodes share the folder of their containers: ask the administrators for an ENROOT_DATA_PATH on a disk of each node',
    doctor: { severity: 'error', matters: 'of servers that start together most fail' },
  },
  {
    id: 'container-name-taken',
    jobLog: /"create" flag was passed to --container-name but the container already exists/,
    cause: 'a container with the name that the job asks for is left on node {node}',
    hint: 'leave --container-name out of your --template: a named container outlives its job',
  },
  {
    id: 'container-option-twice',
    jobLog: /pyxis: (--container-\S+) specified multiple times/,
    cause: 'the job says {1} twice',
    hint: 'leave it out of your --template and of --sbatch-arg',
  },
  {
    id: 'mount-source-missing',
    jobLog:
      /(?:pyxis: --container-mounts: source path does not exist: |enroot-mount: failed to mount: (?=.*: No such file))(.*?)(?: at \/.*)?$/,
    cause: 'the folder {1}, to be mounted, does not exist on node {node}',
    hint: 'check --mount: both ends are absolute paths, the first one on the node',
  },
  {
    id: 'container-workdir-missing',
    jobLog: /pyxis: couldn't chdir to (\S+): /,
    cause: 'the image has no folder {1} to start in',
    hint: 'check --container-workdir in your --template, or name another image with --image',
  },
  {
    id: 'no-user-namespaces',
    jobLog: /(?:failed to create user namespace|unshare.*: Operation not permitted)/,
    cause: 'node {node} does not let users make containers: user namespaces are off',
    hint: ASK_PYXIS,
    missingPrerequisite: true,
    doctor: {
      severity: 'error',
      matters: 'no container starts there, nor does the embedded server with isolation',
    },
  },
  {
    id: 'enroot-folder-not-writable',
    jobLog: /mkdir: cannot create directory ['‘](\/run\b[^'’]*|[^'’]*\/enroot\b[^'’]*)['’]/,
    cause: 'enroot cannot make its folder {1} on node {node}',
    hint: 'ask the administrators for an ENROOT_RUNTIME_PATH that users can write',
  },
  {
    id: 'disk-quota-exceeded',
    jobLog: /Disk quota exceeded/i,
    cause: 'a disk quota is used up',
    hint: 'free some space, or move images and logs elsewhere: config keys imageDir and output',
  },
  {
    id: 'disk-full',
    jobLog: /No space left on device/i,
    cause: 'a disk of node {node} is full',
    hint: 'keep the fleet off the node with --exclude {node}, or free the disk that the line names',
  },
  {
    id: 'image-download-failed',
    jobLog: /curl: \(\d+\) (.*\S)/,
    cause: 'node {node} could not load the image from its registry: {1}',
    hint: "load it here with 'sandboxctl import-image', then run 'sandboxctl deploy'",
  },
];
