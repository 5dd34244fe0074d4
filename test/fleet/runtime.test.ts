import { expect, test } from 'vitest';
import { chooseByProbe, parseNodeProbe } from '../../src/fleet/runtime.js';

const OF_EMBEDDED = ['namespaces on', 'nodejs v22.1.0', 'program yes', 'python yes'];
const choose = (...lines: string[]) => chooseByProbe(parseNodeProbe(['node node3', ...lines, ''].join('\n')));
const NO = 'no pyxis';

test.each([
  ['pyxis on the nodes alone', ['pyxis yes', 'enroot 4.1.2'], 'pyxis', 'pyxis found on node3'],
  ['enroot', ['enroot 4.1.2', ...OF_EMBEDDED], 'enroot', `${NO}; enroot 4.1.2 found on node3`],
  [
    'an enroot that may make namespaces, as others may not',
    ['enroot 3.5.0'],
    'enroot',
    `${NO}; enroot 3.5.0 found on node3`,
  ],
  ['an enroot that does not say its version', ['enroot '], 'enroot', `${NO}; enroot found on node3`],
  ['Node', OF_EMBEDDED, 'embedded', `${NO}, no enroot on node3; Node v22.1.0 and Python found`],
])('the runtime for a node with %s', (_what, lines, runtime, reason) => {
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
])('a node with %s: the missing prerequisites are listed', (_what, lines, lacks) => {
  expect(choose(...lines)).toEqual({ lacks });
});
