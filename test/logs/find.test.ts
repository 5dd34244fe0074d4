import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type PatternNames, showPattern } from '../../src/fleet/log-pattern.js';
import { filesOf } from '../../src/logs/find.js';
import { newFolder } from './folder.js';

const element: PatternNames = {
  jobId: '1000_3',
  slot: '5',
  jobName: 'sandboxctl-sandbox',
  user: 'ann',
  node: 'node2',
};
const plain: PatternNames = { ...element, jobId: '1007', node: null };

describe('a log path pattern', () => {
  it.each<[string, PatternNames, string]>([
    ['/l/sandbox-%A_%a.log', element, '/l/sandbox-1000_3.log'],
    ['/l/sandbox-%A_%a.log', plain, '/l/sandbox-1007_5.log'],
    ['/l/%j.log', plain, '/l/1007.log'],
    ['/l/%j.log', element, '/l/*.log'],
    ['/l/%x/%u/%N.log', element, '/l/sandboxctl-sandbox/ann/node2.log'],
    ['/l/%N.log', plain, '/l/*.log'],
    ['/l/%6A-%3a.log', element, '/l/001000-003.log'],
    ['/l/100%%-%%j-%A.log', element, '/l/100%-%j-1000.log'],
    ['/l/%b.log', { ...element, jobId: '1000_42' }, '/l/2.log'],
    ['/l/%J-%s-%t-%n.log', plain, '/l/*-*-*-*.log'],
  ])('%s of %o is %s', (pattern, names, shown) => {
    expect(showPattern(pattern, names)).toBe(shown);
  });

  it('finds the files that it may mean, in folders that it may mean', async () => {
    const folder = await newFolder();
    for (const path of ['node1/a.1.log', 'node2/a.22.log', 'node2/b.22.log', 'node3/a.33.log/x']) {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), '');
    }
    expect(await filesOf(`${folder}/%N/a.%j.log`, { ...element, node: null })).toEqual({
      paths: [`${folder}/node1/a.1.log`, `${folder}/node2/a.22.log`],
      certain: false,
    });
    expect(await filesOf(`${folder}/%N/a.22.log`, element)).toEqual({
      paths: [`${folder}/node2/a.22.log`],
      certain: true,
    });
    expect((await filesOf('/nowhere/%A.log', element)).paths).toEqual([]);
  });
});
