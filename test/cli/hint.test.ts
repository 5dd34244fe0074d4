import { expect, test } from 'vitest';
import { keepFlags } from '../../src/cli/hint.js';
import type { Called } from '../../src/cli/verb.js';

const DEPLOY: Called = {
  name: 'deploy',
  flags: [
    ['--fleet', 'train'],
    ['--config', 'my files/box.yaml'],
    ['--nodes', '4'],
    ['--image-dir', '/data/images'],
    ['--client-config', 'a.env'],
    ['--client-config', 'b.yaml'],
    ['--no-exclusive'],
  ],
  args: [],
};
const IMPORT: Called = {
  name: 'import-image',
  flags: [
    ['--image-dir', '/data/images'],
    ['--on', 'here'],
  ],
  args: ['team/box:1'],
};

test.each([
  [
    'the same command keeps all of it',
    DEPLOY,
    "run 'sandboxctl deploy' again",
    'run \'sandboxctl deploy --fleet train --config "my files/box.yaml" --nodes 4 --image-dir /data/images --client-config a.env --client-config b.yaml --no-exclusive\' again',
  ],
  [
    'another what says where things are',
    DEPLOY,
    'bring it with: sandboxctl import-image team/box:1',
    'bring it with: sandboxctl import-image --config "my files/box.yaml" --image-dir /data/images team/box:1',
  ],
  [
    'each of several commands, with what the hint itself says',
    DEPLOY,
    "'sandboxctl stop --fleet NAME' ends another, 'sandboxctl logs 12_1' and 'sandboxctl status' look",
    '\'sandboxctl stop --config "my files/box.yaml" --fleet NAME\' ends another, \'sandboxctl logs --fleet train --config "my files/box.yaml" 12_1\' and \'sandboxctl status --fleet train --config "my files/box.yaml"\' look',
  ],
  [
    'its argument',
    IMPORT,
    "run 'sandboxctl import-image' again: finished layers are kept",
    "run 'sandboxctl import-image --image-dir /data/images --on here team/box:1' again: finished layers are kept",
  ],
  [
    'but not what the hint replaces',
    IMPORT,
    "'sandboxctl -v import-image --on job --time 2:00:00'; or: sandboxctl import-image NAME:TAG",
    "'sandboxctl -v import-image --image-dir /data/images team/box:1 --on job --time 2:00:00'; or: sandboxctl import-image --image-dir /data/images --on here NAME:TAG",
  ],
  [
    'what is the same needs no words',
    DEPLOY,
    "the same 'sandboxctl deploy' again",
    "the same 'sandboxctl deploy' again",
  ],
  ['help is for everybody', DEPLOY, "see 'sandboxctl deploy --help'", "see 'sandboxctl deploy --help'"],
  ['nobody called anything', undefined, "'sandboxctl deploy'", "'sandboxctl deploy'"],
])('%s', (_what, called, hint, kept) => {
  expect(keepFlags(hint, called)).toBe(kept);
});
