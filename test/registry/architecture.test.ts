import { expect, it } from 'vitest';
import { kernelArchitecture, registryArchitecture } from '../../src/registry/architecture.js';

it.each([
  [['x86_64', 'amd64', 'x64'], 'amd64', 'x86_64'],
  [['aarch64', 'arm64'], 'arm64', 'aarch64'],
  [['ppc64le', 'ppc64'], 'ppc64le', 'ppc64le'],
  [['riscv64'], 'riscv64', 'riscv64'],
])('%s is %s for registries and %s for enroot', (names, registry, kernel) => {
  expect(names.map(registryArchitecture)).toEqual(names.map(() => registry));
  expect(kernelArchitecture(registry)).toBe(kernel);
});
