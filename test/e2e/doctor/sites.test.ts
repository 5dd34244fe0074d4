/** @module-tag matrix */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, type LabOptions, startLab } from '../../support/lab.js';
import { asRoot } from '../deploy/user.js';

/** As many CPUs as a node of the tests has in truth. */
const cpus = () => 2;

function labWith(options: LabOptions) {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ nodes: 2, cpus, ...options });
  });
  afterAll(() => lab?.down());
  const finds = async (...argv: string[]): Promise<string[]> => {
    const said = await lab.sandboxctl(['doctor', '--json', ...argv], { cwd: lab.users[0].home });
    const { checks } = JSON.parse(said.stdout || 'null');
    return checks.flatMap(({ findings }: { findings: { id: string }[] }) => findings.map(({ id }) => id));
  };
  return { lab: () => lab, finds };
}

describe('a site with accounting, and neither pyxis nor enroot:', () => {
  const { lab, finds } = labWith({ accounting: true, plugins: [], nodePath: [], enrootConf: [] });

  test("nothing is wrong where sandboxctl's own server can run on the nodes", async () => {
    expect(await finds('--on', 'job')).toEqual([]);
  });

  test('an account that is not yours', async () => {
    expect(await finds('--account', 'research')).toEqual([]);
    expect(await finds('--account', 'nosuch')).toEqual(['sbatch-account']);
  });

  test('a limit on jobs below what is asked for', async () => {
    const limit = (many: number) =>
      `sacctmgr -i modify user ${lab().users[0].name} set MaxSubmitJobs=${many}`;
    await asRoot(lab(), 'login', limit(1));
    const found = await finds('--nodes', '2').finally(() => asRoot(lab(), 'login', limit(-1)));
    expect(found).toEqual(['sbatch-limit']);
  });

  test('a runtime that is not there', async () => {
    expect(await finds('--runtime', 'pyxis', '--image', lab().image)).toEqual(['no-pyxis']);
    expect(await finds('--on', 'job', '--runtime', 'enroot', '--image', lab().image)).toEqual(['no-enroot']);
  });
});

describe('on NFS, which remembers what was missing,', () => {
  const { lab, finds } = labWith({ sharedRemembered: 600 });

  test('the state folder is seen from the node, and its answer from here', async () => {
    for (let times = 0; times < 2; times += 1) {
      expect(await finds('--on', 'job', '--image', lab().image)).toEqual([]);
    }
  });
});
