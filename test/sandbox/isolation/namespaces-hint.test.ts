import { expect, test } from 'vitest';
import { namespacesHint } from '../../../src/sandbox/isolation/namespaces-hint.js';

const hint = (files: Record<string, string>) => namespacesHint((path) => files[path]);

test.each([
  ['/proc/sys/kernel/unprivileged_userns_clone', '0\n', 'sysctl kernel.unprivileged_userns_clone=1'],
  ['/proc/sys/user/max_user_namespaces', '0\n', 'sysctl user.max_user_namespaces='],
  ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1\n', 'AppArmor profile'],
])('%s is named where it forbids user namespaces, with what helps', (path, value, helps) => {
  expect(hint({ [path]: value })).toContain(
    `the kernel forbids user namespaces (${path} is ${value.trim()})`,
  );
  expect(hint({ [path]: value })).toContain(helps);
  expect(hint({ [path]: '7\n' })).not.toContain(path);
});

test('the hint names what works without namespaces, whatever forbids them', () => {
  for (const files of [{}, { '/proc/sys/user/max_user_namespaces': '0' }])
    expect(hint(files)).toMatch(/without them: a fleet by --runtime pyxis, or --isolation none/);
});
