import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newOrdinaryUser, type OrdinaryUser } from '../../cluster/ordinary-user.js';

let person: OrdinaryUser;
beforeAll(async () => {
  person = await newOrdinaryUser();
});
afterAll(() => person.forget());

const USAGE: Record<string, string> = {
  import: 'Usage: enroot import [options] [--] URI',
  digest: 'Usage: enroot digest [options] [--] URI',
  create: 'Usage: enroot create [options] [--] IMAGE',
  start: 'Usage: enroot start [options] [--] NAME|IMAGE [COMMAND] [ARG...]',
  list: 'Usage: enroot list [options]',
  remove: 'Usage: enroot remove [options] [--] NAME...',
  '': 'Usage: enroot COMMAND [ARG...]',
};

/** What is not understood is answered with how it is to be said: on stdout, and with the code 1. */
test.each([
  '',
  'nosuch',
  '--help',
  '-v',
  'import',
  'import one two',
  'import -a',
  'import --arch=',
  'import -o',
  'import --output= docker://registry.invalid#x/y',
  'import --force docker://registry.invalid#x/y',
  'import -ax86_64 docker://registry.invalid#x/y',
  'import --platform linux/amd64 docker://registry.invalid#x/y',
  'digest',
  'digest -o file docker://registry.invalid#x/y',
  'digest --arch',
  'create',
  'create --name box',
  'create --name= image.sqsh',
  'create --rw image.sqsh',
  'create one.sqsh two.sqsh',
  'start',
  'start --env',
  'start --mount= box true',
  'start --bogus box true',
  'list --all',
  'remove',
  'remove --all',
])('enroot %s', async (line) => {
  const argv = line.split(' ').filter((word) => word !== '');
  const told = await person.run(['enroot', ...argv]);
  const usage = USAGE[argv[0] ?? ''] ?? USAGE[''];
  expect(told).toMatchObject({ code: 1, stderr: '' });
  expect(told.stdout.split('\n')[0]).toBe(usage);
});

test.each([
  ['import ubuntu', 'Invalid argument: ubuntu'],
  ['digest ubuntu', 'Invalid argument: ubuntu'],
  ['import docker://A/B', 'Invalid image reference: docker://A/B'],
  [
    'import docker://registry.invalid#Upper/case',
    'Invalid image reference: docker://registry.invalid#Upper/case',
  ],
  ['import docker://registry.invalid#x/y:a/b', 'Invalid image reference: docker://registry.invalid#x/y:a/b'],
  [
    'import docker://registry.invalid#x/y@md5:0',
    'Invalid image reference: docker://registry.invalid#x/y@md5:0',
  ],
  ['import -o /no/x.sqsh docker://registry.invalid#x/y', 'No such file or directory: /no/x.sqsh'],
  ['create --name box none.sqsh', 'No such file or directory: HOME/none.sqsh'],
  ['start nobody true', 'No such file or directory: HOME/.local/share/enroot/nobody'],
  ['start ./nobody true', 'Invalid argument: ./nobody'],
  ['start --env 1=2 nobody true', 'No such file or directory: HOME/.local/share/enroot/nobody'],
  ['remove -f nobody', 'No such file or directory: HOME/.local/share/enroot/nobody'],
  ['remove -f a/b', 'Invalid argument: a/b'],
])('enroot %s: %s', async (line, words) => {
  const told = await person.run(['enroot', ...line.split(' ')]);
  expect(told).toEqual({
    code: 1,
    signal: null,
    stdout: '',
    stderr: `[ERROR] ${words.replace('HOME', person.home)}\n`,
  });
});

test('what comes before the command is the environment: a runtime folder that can be made', async () => {
  const blocked = join(person.home, '.profile');
  await person.run(['touch', blocked]);
  const env = { ENROOT_RUNTIME_PATH: undefined, XDG_RUNTIME_DIR: `${blocked}/run` };
  expect(await person.run(['enroot', 'version'], env)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^mkdir: cannot create directory ‘\S+\/\.profile’: Not a directory\n$/),
  });
  expect(await person.run(['enroot', 'version'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^4\.\d+\.\d+\n$/),
  });
  expect(await person.run(['enroot', 'help'])).toMatchObject({ code: 0, stderr: '' });
});
