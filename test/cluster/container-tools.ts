import { access, constants } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { installEnroot } from './standins/index.js';
import { buildPyxis } from './standins/pyxis.js';

/** enroot and pyxis as the tests use them. */
export interface ContainerTools {
  /** Goes to the front of a PATH: holds `enroot`, for every user of the machine. */
  binFolder: string;
  /** spank_pyxis.so, for a line in plugstack.conf. */
  pyxisPlugin: string;
}

/**
 * Lines of enroot.conf, which pyxis takes no folders from but this: a runtime folder that users can make, as
 * every site needs it, and containers on each node's own disk, as most sites have it.
 */
export const RUNTIME_FOLDER = 'ENROOT_RUNTIME_PATH /tmp/enroot-run-$(id -u)';
export const NODE_LOCAL = [RUNTIME_FOLDER, 'ENROOT_DATA_PATH /tmp/enroot-data-$(id -u)'];

/** The variables that name the real tools; `npm test` empties them, so that it always runs on the stand-ins. */
const { REAL_ENROOT = '', REAL_PYXIS = '', SANDBOXCTL_TEST_REAL = '' } = process.env;

/** The folder that holds `enroot`: the one that REAL_ENROOT names, else the stand-in. */
export async function enrootFolder(): Promise<string> {
  if (REAL_ENROOT === '') {
    if (SANDBOXCTL_TEST_REAL !== '')
      throw new Error('REAL_ENROOT got lost: these tests are for the real one');
    return installEnroot();
  }
  await access(REAL_ENROOT, constants.X_OK);
  if (basename(REAL_ENROOT) !== 'enroot') throw new Error(`REAL_ENROOT=${REAL_ENROOT} is no path of enroot`);
  return dirname(REAL_ENROOT);
}

/** Both tools: the ones that REAL_ENROOT and REAL_PYXIS name, else the stand-ins. */
export async function containerTools(): Promise<ContainerTools> {
  if (REAL_PYXIS === '') return { binFolder: await enrootFolder(), pyxisPlugin: await buildPyxis() };
  if (REAL_ENROOT === '') throw new Error('REAL_PYXIS is set without REAL_ENROOT: pyxis runs enroot');
  await access(REAL_PYXIS);
  return { binFolder: await enrootFolder(), pyxisPlugin: REAL_PYXIS };
}
