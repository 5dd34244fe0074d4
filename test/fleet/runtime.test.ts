import { expect, test } from 'vitest';
import { chooseByLook, parseLook } from '../../src/fleet/runtime.js';

const OF_EMBEDDED = ['namespaces on', 'nodejs v22.1.0', 'program yes', 'python yes'];
const choose = (...lines: string[]) => chooseByLook(parseLook(['node node3', ...lines, ''].join('\n')));
const NO = 'srun knows no --container-image';

test.each([
  ['pyxis on the nodes alone', ['pyxis yes', 'enroot 4.1.2'], 'pyxis', `${NO} here, but it does on node3`],
  ['enroot', ['enroot 4.1.2', ...OF_EMBEDDED], 'enroot', `${NO}, node3 has enroot 4.1.2`],
  [
    'an enroot that may make namespaces, as others may not',
    ['enroot 3.5.0'],
    'enroot',
    `${NO}, node3 has enroot 3.5.0`,
  ],
  ['an enroot that does not say its version', ['enroot '], 'enroot', `${NO}, node3 has enroot`],
  ['Node', OF_EMBEDDED, 'embedded', `${NO}, node3 has no enroot, but Node v22.1.0 and Python`],
])('%s', (_what, lines, runtime, reason) => {
  expect(choose(...lines)).toEqual({ runtime, reason });
});

test.each([
  [
    'nothing at all',
    [],
    [
      'enroot',
      'user namespaces',
      'Node 20.19 or newer',
      'sandboxctl, in a folder that the nodes share',
      'Python 3',
    ],
  ],
  [
    'enroot, but namespaces are off',
    ['enroot 4.1.2', 'namespaces off', 'nodejs v22.1.0', 'program yes', 'python yes'],
    ['user namespaces: they are switched off'],
  ],
  ['all but Python', OF_EMBEDDED.slice(0, 3), ['enroot', 'Python 3']],
])('a node with %s lacks what is told', (_what, lines, lacks) => {
  expect(choose(...lines)).toEqual({ lacks });
});
