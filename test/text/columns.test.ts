import { expect, test } from 'vitest';
import { columns } from '../../src/text/columns.js';

test('columns are as wide as their widest cell, and no line ends in spaces', () => {
  expect(
    columns([
      ['NAME', 'STATE', ''],
      ['a', 'unhealthy', 'why'],
      ['longer', 'ok', ''],
    ]),
  ).toEqual(['NAME    STATE', 'a       unhealthy  why', 'longer  ok']);
  expect(columns([])).toEqual([]);
});
