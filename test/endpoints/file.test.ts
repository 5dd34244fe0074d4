import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEndpoints, writeEndpoints } from '../../src/endpoints/file.js';
import { folder, refused } from './folder.js';
import { endpoint, fleet, GATEWAY, pending } from './samples.js';

it('comes back as it was written', async () => {
  const path = join(folder(), 'endpoints.json');
  const file = fleet([endpoint(0), pending(1)], { gateway: GATEWAY });
  expect(await readEndpoints(path)).toBeUndefined();
  await writeEndpoints(path, file);
  expect(await readEndpoints(path)).toEqual(file);
});

it('is whole in every reading during 2,000 rewrites, and leaves nothing beside it', {
  tags: 'matrix',
}, async () => {
  const path = join(folder(), 'endpoints.json');
  // Sizes differ, so that a file cut short or overwritten in place would show.
  const versions = [1, 64, 7].map((count) =>
    fleet(
      Array.from({ length: count }, (_, instance) => endpoint(instance)),
      { generation: count },
    ),
  );
  const [first = fleet([])] = versions;
  await writeEndpoints(path, first);
  let writing = true;
  let readings = 0;
  const reader = async () => {
    while (writing) {
      const file = await readEndpoints(path);
      if (file?.endpoints.length !== file?.generation) throw new Error('partial');
      readings++;
    }
  };
  const writer = async () => {
    for (let round = 0; round < 2_000; round++) await writeEndpoints(path, versions[round % 3] ?? first);
    writing = false;
  };
  await Promise.all([writer(), reader(), reader()]);
  expect(readings).toBeGreaterThan(500);
  expect(readdirSync(join(path, '..'))).toEqual(['endpoints.json']);
});

describe('a file that cannot be read says what to do', () => {
  const garbled: [words: RegExp, text: string][] = [
    [/JSON/, ''],
    [/JSON/, '{"schema_version":1,"fle'],
    [/no JSON object/, '[]'],
    [/^its schema_version is 2, not 1$/, '{"schema_version":2}'],
    [/endpoints are no list/, '{"schema_version":1}'],
    [/^fleet is missing$/, '{"schema_version":1,"gateway":null,"endpoints":[]}'],
    [/^gateway is no object$/, JSON.stringify({ ...fleet([]), gateway: undefined })],
    [/^gateway\.url is missing$/, JSON.stringify({ ...fleet([]), gateway: {} })],
    [
      /^endpoints\[1\]\.port is "8080"$/,
      JSON.stringify(fleet([endpoint(0), { ...endpoint(1), port: '8080' as never }])),
    ],
    [/^endpoints\[0\]\.state is "up"$/, JSON.stringify(fleet([endpoint(0, { state: 'up' as never })]))],
    [
      /^endpoints\[0\] is no object$/,
      '{"schema_version":1,"fleet":"f","generation":1,"updated_at":"","gateway":null,"endpoints":[null]}',
    ],
  ];
  it.each(garbled)('%s', async (words, text) => {
    const path = join(folder(), 'endpoints.json');
    writeFileSync(path, text);
    const error = await refused(readEndpoints(path));
    expect(error).toMatchObject({ kind: 'config', detail: expect.stringMatching(words) });
    expect(error.message).toContain(path);
    expect(error.hint).toContain('endpoints --check');
  });

  it('a folder in its place', async () => {
    const path = join(folder(), 'endpoints.json');
    mkdirSync(path);
    expect(await refused(readEndpoints(path))).toMatchObject({
      kind: 'config',
      detail: expect.stringContaining('EISDIR'),
    });
  });
});

it('lets keys through that a newer writer added', async () => {
  const path = join(folder(), 'endpoints.json');
  const file = { ...fleet([{ ...endpoint(0), zone: 'a' } as never]), later: 1 };
  writeFileSync(path, JSON.stringify(file));
  expect(await readEndpoints(path)).toEqual(file);
});
