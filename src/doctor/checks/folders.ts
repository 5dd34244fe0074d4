import { finding } from '../../failures/finding.js';
import { found, foundOr, type Judgement } from '../judgement.js';
import type { FolderRole, MachineFacts } from '../machine-facts.js';
import { formatKib } from '../sizes.js';

interface Use {
  /** After `no space is left`. */
  role: string;
  setting: string;
  /** What fails without it. */
  matters: string;
  /** KiB below which nothing works, and below which it soon may not. */
  least: number;
  little: number;
}

const MIB = 2 ** 10;
const GIB = 2 ** 20;
/** Files that must still fit: a fleet's state and logs are some ten files a server. */
const LITTLE_INODES = 1_000;

/** What each folder is for. An image of SandboxFusion takes 1 to 4 GiB, its import three times that to unpack. */
const USES: { [R in FolderRole]?: Use } = {
  state: {
    role: 'the state folder',
    setting: 'SANDBOXCTL_STATE_DIR',
    matters: 'no fleet can be deployed, and jobs cannot say where they listen',
    least: MIB,
    little: 100 * MIB,
  },
  images: {
    role: 'images',
    setting: 'the config key imageDir',
    matters: 'no image can be imported',
    least: 100 * MIB,
    little: 5 * GIB,
  },
  logs: {
    role: 'the logs of jobs',
    setting: 'the config key output',
    matters: 'jobs end as they start, without a log',
    least: MIB,
    little: 200 * MIB,
  },
  temp: {
    role: 'temporary files',
    setting: 'TMPDIR',
    matters: 'containers do not start, and programs cannot write files',
    least: 10 * MIB,
    little: 2 * GIB,
  },
  cache: {
    role: "enroot's cache",
    setting: 'ENROOT_CACHE_PATH',
    matters: 'no image can be imported',
    least: 100 * MIB,
    little: 3 * GIB,
  },
};

/** Root may write there by the permissions, and cannot. */
const TAKES_NO_FILES = ['proc', 'sysfs', 'cgroup2fs', 'cgroupfs'];

export function judgeFolder(role: FolderRole, { node, folders, hung }: MachineFacts): Judgement {
  const use = USES[role];
  const facts = folders.get(role);
  const silent = hung.find((part) => part.startsWith(`folder ${role}=`));
  if (use === undefined) return null;
  const { setting, matters } = use;
  const texts = { node, setting, matters, role: use.role };
  if (silent !== undefined) {
    return foundOr('', [finding('file-system-hangs', { ...texts, folder: silent.replace(/^\S+ \w+=/, '') })]);
  }
  if (facts === undefined) return null;
  const { path: folder, freeKib, freeInodes, kind } = facts;
  const unwritable = finding(role === 'logs' ? 'log-folder-not-writable' : 'folder-not-writable', {
    ...texts,
    folder,
  });
  if (TAKES_NO_FILES.includes(kind))
    return found({ ...unwritable, hint: `${kind} takes no files: use another folder: ${setting}` });
  const free = formatKib(freeKib);
  const inodes = kind !== 'btrfs' && freeInodes > 0 && freeInodes < LITTLE_INODES;
  return foundOr(`${folder}: ${free} free (${kind.replace('ext2/ext3', 'ext')})`, [
    !facts.writable && unwritable,
    facts.writable &&
      freeKib < use.least &&
      finding('import-no-space', { ...texts, folder, role: `for ${use.role}` }, `${free} free`),
    facts.writable &&
      freeKib >= use.least &&
      freeKib < use.little &&
      finding('disk-nearly-full', { ...texts, folder, free }),
    inodes && finding('inodes-nearly-used-up', { ...texts, folder, free: String(freeInodes) }),
  ]);
}

/** For a folder that is there on this machine, and not on that one. */
export function judgeNotSeen(role: FolderRole, { node, folders }: MachineFacts): Judgement {
  const { setting = '', matters = '', role: what = '' } = USES[role] ?? {};
  const folder = folders.get(role)?.path;
  return found(finding('folder-not-seen', { node, role: what, folder, setting, matters }));
}

/** Below this PyTorch's data loaders fail; Docker's own default is as much. KiB. */
const LITTLE_SHM = 64 * MIB;

export function judgeShm({ node, folders }: MachineFacts): Judgement {
  const shm = folders.get('shm');
  if (shm === undefined) return null;
  const free = shm.there ? `${formatKib(shm.freeKib)} free` : 'nothing: there is none';
  const small = !shm.there || shm.freeKib < LITTLE_SHM;
  return foundOr(`/dev/shm: ${free}`, [small && finding('shm-small', { node, free })]);
}
