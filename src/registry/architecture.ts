/**
 * One architecture by its three names: the kernel's (`uname -m`), which `enroot import -a` and `enroot digest -a`
 * take; Docker's, which registries' manifests hold; Node's (`process.arch`). enroot 4.1.2 takes these three alone.
 */
const NAMES = [
  { kernel: 'x86_64', registry: 'amd64', node: 'x64' },
  { kernel: 'aarch64', registry: 'arm64', node: 'arm64' },
  { kernel: 'ppc64le', registry: 'ppc64le', node: 'ppc64' },
];

/** The registry's name for an architecture by any of its names; one that we do not know is left as it is. */
export function registryArchitecture(name: string): string {
  return NAMES.find((each) => Object.values(each).includes(name))?.registry ?? name;
}

/** The kernel's name for what registries call so; one that we do not know is left to enroot to refuse. */
export function kernelArchitecture(registryName: string): string {
  return NAMES.find(({ registry }) => registry === registryName)?.kernel ?? registryName;
}
