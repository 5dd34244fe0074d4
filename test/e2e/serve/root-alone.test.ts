import { expect, test } from 'vitest';
import { serveFails } from './server.js';
import './as-root.js';

test('root that may start programs as nobody else isolates none: they would be root outside', async () => {
  const without = '-setuid,-setgid';
  const before = ['setpriv', `--bounding-set=${without}`, `--inh-caps=${without}`, '--'];
  const { code, stderr } = await serveFails(['--listen', '127.0.0.1:0'], { before });
  expect(stderr).toContain('programs would be root of this machine');
  expect(stderr).toContain('CAP_SETUID or CAP_SETGID is missing');
  expect(code).toBe(4);
});
