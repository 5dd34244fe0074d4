import { finding } from '../../failures/finding.js';
import { type Check, check } from '../check.js';
import { foundOr, ok, skipped } from '../judgement.js';
import { runtimeOf } from '../runtime.js';
import { judgeFolder, judgeShm } from './folders.js';
import { judgeIsolation } from './isolation.js';

/** A gateway takes one descriptor for its caller and one for the server. */
const FEW_FILES = 4_096;

/** The machine that the command runs on. */
export const MACHINE_CHECKS: readonly Check[] = [
  check('machine', 'node-js', 'Node', ['here'], ({ here }) =>
    ok(`${here.nodejs} on ${here.node} (Linux ${here.kernel}, ${here.architecture}, ${here.cpus} CPUs)`),
  ),
  check('machine', 'python', 'Python', ['here', 'setup'], ({ here, setup }) => {
    if (here.python !== null) return ok(here.python);
    if (setup.place !== 'local') return skipped('none here, and none needed: servers run on the nodes');
    return foundOr('', [finding('no-python', { node: here.node }, 'python3: command not found')]);
  }),
  check('machine', 'isolation', 'Isolation', ['here', 'setup', 'slurm'], ({ here, setup, slurm }) => {
    const needed =
      setup.place === 'local' && runtimeOf(setup, slurm) === 'embedded' && setup.config.isolation === 'lite';
    return judgeIsolation(here, needed);
  }),
  check('machine', 'import-tools', 'Image tools', ['here', 'setup'], ({ here, setup }) => {
    if (setup.place === 'local') return null;
    const { enroot, tools } = here;
    if (enroot === null || !tools.has('mksquashfs')) {
      return skipped("no enroot here: 'import-image' imports in a job");
    }
    const unverified = tools.has('unsquashfs')
      ? ''
      : '; without unsquashfs an image is verified by its head alone';
    return foundOr(`enroot ${enroot}${unverified}`, [
      !here.root && here.enrootCapabilities === false && finding('import-enroot-capabilities'),
    ]);
  }),
  check('machine', 'state-folder', 'State folder', ['here'], ({ here }) => judgeFolder('state', here)),
  check('machine', 'image-folder', 'Image folder', ['here', 'setup'], ({ here, setup }) =>
    setup.place === 'local' ? null : judgeFolder('images', here),
  ),
  check('machine', 'log-folder', 'Log folder', ['here'], ({ here }) => judgeFolder('logs', here)),
  check('machine', 'temp-folder', 'Temporary', ['here'], ({ here }) => judgeFolder('temp', here)),
  check('machine', 'cache-folder', 'Image cache', ['here'], ({ here }) =>
    here.enroot === null ? null : judgeFolder('cache', here),
  ),
  check('machine', 'shm', 'Shared memory', ['here', 'setup'], ({ here, setup }) =>
    setup.place === 'local' ? judgeShm(here) : null,
  ),
  check('machine', 'open-files', 'Open files', ['here'], ({ here }) => {
    const limit = String(here.openFiles);
    return foundOr(`${limit} for each process`, [
      here.openFiles < FEW_FILES && finding('few-open-files', { node: here.node, limit }),
    ]);
  }),
  check('machine', 'ports', 'Ports', ['here', 'setup'], ({ here, setup }) => {
    if (setup.place !== 'local') return null;
    const { port, portRange } = setup.config;
    const all = new Set([port, ...range(portRange)]);
    const free = [...all].filter((each) => !here.portsTaken.includes(each));
    const ports = `${port}, ${portRange.first}-${portRange.last}`;
    return foundOr(`${free.length} of ${all.size} are free (${ports})`, [
      free.length === 0 && finding('no-free-port', { node: here.node, ports }),
    ]);
  }),
];

function range({ first, last }: { first: number; last: number }): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
