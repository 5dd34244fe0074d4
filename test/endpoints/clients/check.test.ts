import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { folder } from '../folder.js';
import { type ClientFacts, checkCheckout, clientFacts } from './check.js';

const CLIENT: ClientFacts = {
  client: 'a client',
  repository: 'some/body',
  commit: '0'.repeat(40),
  marker: 'client/run.py',
  facts: [
    { fact: 'reads URL', used_by: 'x', file: 'client/run.py', has: 'getenv\\("URL"\\)' },
    { fact: 'sends no stdin', used_by: 'x', file: 'client/run.py', lacks: 'stdin' },
    { fact: 'has no tool', used_by: 'x', file: 'client/tool.py', gone: true },
    { fact: 'names a key', used_by: 'x', folder: 'client', has: '^KEY' },
  ],
};

function checkout(files: Readonly<Record<string, string>>): string {
  const root = folder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const broken = (files: Readonly<Record<string, string>>) =>
  checkCheckout(checkout(files), [CLIENT])?.broken.map(({ fact, why }) => `${fact.fact}: ${why}`);

test('facts that hold are not named, and others with the reason', () => {
  const whole = { 'client/run.py': 'url = getenv("URL")\n', 'client/keys.py': 'KEY = 1\n' };
  expect(broken(whole)).toEqual([]);
  expect(broken({ 'client/run.py': 'url = getenv("OTHER"), stdin\n', 'client/tool.py': '' })).toEqual([
    'reads URL: client/run.py has nothing like getenv\\("URL"\\)',
    'sends no stdin: client/run.py has stdin',
    'has no tool: client/tool.py is there',
    'names a key: client has nothing like ^KEY',
  ]);
  expect(broken({ 'other/run.py': '' })).toBeUndefined();
});

test('each fact says at which commit it was read, and can be looked for', () => {
  for (const { commit, facts } of clientFacts()) {
    expect(commit).toMatch(/^[\da-f]{40}$/);
    for (const { file, folder, has, lacks, gone } of facts) {
      expect(file ?? folder).toBeDefined();
      expect(has ?? lacks ?? gone).toBeDefined();
      for (const pattern of [has, lacks]) if (pattern !== undefined) new RegExp(pattern, 'm');
    }
  }
});
