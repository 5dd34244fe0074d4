import { finding } from '../../failures/finding.js';
import { type Check, check } from '../check.js';
import { found, foundOr, ok, skipped } from '../judgement.js';
import { judgeCheckout } from './checkout.js';
import { judgeFolder, judgeShm } from './folders.js';
import { freePorts } from './ports.js';

/** A gateway takes one descriptor for its caller and one for the server. */
const FEW_FILES = 4_096;

/** The machine that the command runs on. */
export const MACHINE_CHECKS: readonly Check[] = [
  check('machine', 'machine', 'Machine', ['here'], ({ here }) =>
    ok(`${here.node} (Linux ${here.kernel}, ${here.architecture}, ${here.cpus} CPUs)`),
  ),
  check('machine', 'node-js', 'Node, Python', ['here'], ({ here }) =>
    ok(
      `Node ${here.nodejs}, ${here.python === null ? 'no Python, which only servers need' : `Python ${here.python}`}`,
    ),
  ),
  check('machine', 'server', 'Server', ['here', 'server'], ({ here, server }) => {
    if (server === null) return null;
    const { node } = here;
    if ('refused' in server) {
      const rule = server.seccompOnly ? 'seccomp-filter-refused' : 'isolation-not-possible';
      return found(finding(rule, { node }, server.refused));
    }
    const { by, filtered, cgroup, languages, seconds, canary } = server;
    const how = by === 'none' ? 'without isolation' : `isolated by ${by === 'bwrap' ? 'bubblewrap' : by}`;
    const held = cgroup === null ? 'no cgroup of its own for a program' : `cgroup v${cgroup}`;
    return foundOr(
      `starts and runs a program in ${seconds.toFixed(1)} s, ${how}, ${held}; ${languages.join(' ')}`,
      [
        !filtered && finding('no-seccomp-filter', { node }),
        !languages.includes('python') && finding('no-python', { node }, `languages: ${languages.join(' ')}`),
        languages.includes('python') && canary !== null && finding('program-not-run', { node }, canary),
      ],
    );
  }),
  check('machine', 'checkout', 'Checkout', ['here', 'checkout', 'setup'], ({ here, checkout, setup }) =>
    checkout === null ? null : judgeCheckout(checkout, here.node, setup.config.checkoutEnv),
  ),
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
    const { free, all, ports } = freePorts(setup.config, here);
    return foundOr(`${free} of ${all} are free (${ports})`, [
      free === 0 && finding('no-free-port', { node: here.node, ports }),
    ]);
  }),
];
