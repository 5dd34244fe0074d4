/** The kernel's name (`uname -m`, for enroot 4.1.2), Docker's (in manifests) and Node's (`process.arch`). */
const NAMES = [
  { kernel: 'x86_64', registry: 'amd64', node: 'x64' },
  { kernel: 'aarch64', registry: 'arm64', node: 'arm64' },
  { kernel: 'ppc64le', registry: 'ppc64le', node: 'ppc64' },
];

/** An unknown name stays as it is. */
export function registryArchitecture(name: string): string {
  return NAMES.find((each) => Object.values(each).includes(name))?.registry ?? name;
}

/** An unknown name stays as it is, for enroot to refuse. */
export function kernelArchitecture(registryName: string): string {
  return NAMES.find(({ registry }) => registry === registryName)?.kernel ?? registryName;
}
