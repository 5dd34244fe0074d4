import type { Sign } from '../rule.js';

const REIMPORT = "import it again with 'sandboxctl import-image --force', then run 'sandboxctl deploy'";
const ASK_PYXIS =
  "ask the cluster's administrators, or name a --partition or --nodelist where 'srun --container-image' works";

/** What pyxis and enroot say where no container comes up. */
export const CONTAINER_SIGNS: readonly Sign[] = [
  {
    pattern: /^srun: unrecognized option '--container-image/,
    cause: 'node {node} has no pyxis: srun there does not know --container-image',
    hint: ASK_PYXIS,
    lacks: true,
  },
  {
    pattern: /pyxis: importing docker image: ([^/\s]+\.sqsh)$/,
    cause: "pyxis took '{1}' for an image on Docker Hub, since its path has no slash",
    hint: "name the image by its absolute path with --image, or let 'sandboxctl import-image' print it",
  },
  {
    pattern: /\[ERROR\] No such file or directory: (.*\S)/,
    cause: 'the image {1} does not exist on node {node}',
    hint: "put it on a file system that the nodes share: config key imageDir, or 'sandboxctl import-image -o FILE'",
  },
  {
    pattern: /\[ERROR\] Invalid image format: (.*\S)/,
    cause: 'the image {1} is empty or no squashfs',
    hint: REIMPORT,
  },
  {
    pattern: /FATAL ERROR: .*(?:File system corruption detected|valid SQUASHFS superblock)/i,
    cause: 'the image {image} is cut short or damaged',
    hint: REIMPORT,
  },
  {
    pattern: /\b(?:gzip|lzma|lzo|lz4|xz|zstd|zlib) uncompress failed/,
    cause: 'the image {image} is damaged: some of its blocks do not unpack',
    hint: REIMPORT,
  },
  {
    // The second: unsquashfs, where both began before either saw the other's folder.
    pattern:
      /(?:\[ERROR\] File already exists: |failed to (?:make directory|create (?:file|symlink)) (?=.*, because (?:File exists|No such file)))([^,]*[^,\s])/,
    cause: 'another node unpacked its container to the same place: {1}',
    hint: 'the nodes share the folder of their containers: ask the administrators for an ENROOT_DATA_PATH on a disk of each node',
  },
  {
    pattern: /"create" flag was passed to --container-name but the container already exists/,
    cause: 'a container with the name that the job asks for is left on node {node}',
    hint: 'leave --container-name out of your --template: a named container outlives its job',
  },
  {
    pattern: /pyxis: (--container-\S+) specified multiple times/,
    cause: 'the job says {1} twice',
    hint: 'leave it out of your --template and of --sbatch-arg',
  },
  {
    pattern:
      /(?:pyxis: --container-mounts: source path does not exist: |enroot-mount: failed to mount: (?=.*: No such file))(.*?)(?: at \/.*)?$/,
    cause: 'the folder {1}, to be mounted, does not exist on node {node}',
    hint: 'look at --mount: both ends are absolute paths, the first one on the node',
  },
  {
    pattern: /pyxis: couldn't chdir to (\S+): /,
    cause: 'the image has no folder {1} to start in',
    hint: 'look at --container-workdir in your --template, or name another image with --image',
  },
  {
    pattern: /(?:failed to create user namespace|unshare.*: Operation not permitted)/,
    cause: 'node {node} does not let users make containers: user namespaces are off',
    hint: ASK_PYXIS,
    lacks: true,
  },
  {
    pattern: /mkdir: cannot create directory ['‘](\/run\b[^'’]*|[^'’]*\/enroot\b[^'’]*)['’]/,
    cause: 'enroot cannot make its folder {1} on node {node}',
    hint: 'ask the administrators for an ENROOT_RUNTIME_PATH that users can write',
  },
  {
    pattern: /Disk quota exceeded/i,
    cause: 'a disk quota is used up',
    hint: 'free some space, or move images and logs elsewhere: config keys imageDir and output',
  },
  {
    pattern: /No space left on device/i,
    cause: 'a disk of node {node} is full',
    hint: 'keep the fleet off the node with --exclude {node}, or free the disk that the line names',
  },
  {
    pattern: /curl: \(\d+\) (.*\S)/,
    cause: 'node {node} could not load the image from its registry: {1}',
    hint: "load it here with 'sandboxctl import-image', then run 'sandboxctl deploy'",
  },
];
