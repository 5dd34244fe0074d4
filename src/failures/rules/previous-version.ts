/** Jobs and copied templates of the previous version report these failures in other words. Add nothing here. */
export const PREVIOUS_LINES: Readonly<Record<string, RegExp>> = {
  'checkout-not-visible': /^sandboxctl: node (?<node>\S+) sees no checkout of SandboxFusion at (?<path>.*)/,
  'checkout-without-environment':
    /^sandboxctl: node (?<node>\S+) has no environment with uvicorn in it for (?<path>.*), looked at:/,
  'checkout-environment-outside-conda':
    /^sandboxctl: node (?<node>\S+) cannot run Python with (?<path>.*): it lies in no conda/,
  'checkout-without-sandbox-runtime':
    /^sandboxctl: node (?<node>\S+) has no conda environment sandbox-runtime in (?<path>.*), in which/,
  'checkout-lite-not-possible':
    /^sandboxctl: node (?<node>\S+) cannot run SandboxFusion's isolation lite, it lacks: (?<missing>.*)/,
  'checkout-config-missing': /^sandboxctl: node (?<node>\S+) finds no settings of a sandbox in (?<path>.*)/,
  'checkout-not-writable': /^sandboxctl: node (?<node>\S+) cannot write (?<path>.*)/,
  'state-folder-not-visible':
    /^sandboxctl: the state folder is not visible on node (?<node>\S+?): (?<path>.*)/,
  'sandboxctl-not-visible': /^sandboxctl: node (?<node>\S+) does not see sandboxctl: (?<path>.*)/,
  'no-nodejs': /^sandboxctl: node (?<node>\S+) has no Node 20\.19 or newer/,
  'no-enroot': /^sandboxctl: node (?<node>\S+) has no enroot/,
  'no-local-disk': /^sandboxctl: node (?<node>\S+) has no folder of its own to unpack/,
  'no-address': /^sandboxctl: node (?<node>\S+) has no address by endpoint host (?<host>.*)/,
  'no-free-port': /^sandboxctl: no free port on (?<node>\S+?): (?<ports>.*)/,
};
