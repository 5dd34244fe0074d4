import type { RecordedLog } from './recorded-log.js';

export const CHECKOUT_LOGS: RecordedLog[] = [
  [
    'a node that does not see the checkout',
    ['sandboxctl: node node1 sees no checkout of SandboxFusion at /home/a/SandboxFusion'],
    'node node1 sees no checkout of SandboxFusion at /home/a/SandboxFusion',
    /sees no checkout/,
    /--checkout/,
  ],
  [
    'a checkout without an environment',
    [
      'sandboxctl: node node1 has no environment with uvicorn in it for /src/SF, looked at: /home/a/miniconda3/envs/sandbox /src/SF/.venv',
    ],
    'node node1 has no conda or poetry environment of the checkout /src/SF',
    /looked at/,
    /init --checkout \/src\/SF.*--checkout-env/,
  ],
  [
    "poetry's own environment, from which SandboxFusion finds no conda",
    [
      'sandboxctl: node node1 cannot run Python with /src/SF/.venv: it lies in no conda, where SandboxFusion looks for sandbox-runtime',
    ],
    'SandboxFusion cannot run Python from /src/SF/.venv: that environment lies in no conda',
    /lies in no conda/,
    /init --checkout/,
  ],
  [
    'a conda without the environment for programs',
    [
      'sandboxctl: node node1 has no conda environment sandbox-runtime in /opt/conda, in which SandboxFusion runs Python',
    ],
    "the checkout's conda in /opt/conda has no environment sandbox-runtime, in which SandboxFusion runs Python",
    /sandbox-runtime/,
    /init --checkout/,
  ],
  [
    "SandboxFusion's lite without root",
    [
      "sandboxctl: node node1 cannot run SandboxFusion's isolation lite, it lacks: root, sudo, cgroup v1 of memory",
    ],
    "node node1 cannot run SandboxFusion's isolation lite, it lacks: root, sudo, cgroup v1 of memory",
    /isolation lite/,
    /--isolation none/,
  ],
  [
    'a config of the checkout without its settings',
    ['sandboxctl: node node1 finds no settings of a sandbox in /src/SF/sandbox/configs/local.yaml'],
    'the config /src/SF/sandbox/configs/local.yaml of the checkout has no block sandbox, or is not there',
    /finds no settings/,
    /SANDBOX_CONFIG/,
  ],
  [
    "somebody else's checkout",
    ['sandboxctl: node node1 cannot write /src/SF/docs/build'],
    'the file /src/SF/docs/build, which the checkout lacks, cannot be written on node node1',
    /cannot write/,
    /--checkout/,
  ],
  [
    'SandboxFusion without docs/build',
    ["RuntimeError: Directory '/root/sandbox/docs/build' does not exist"],
    'SandboxFusion does not start without the folder /root/sandbox/docs/build',
    /docs\/build/,
    /mkdir -p docs\/build/,
  ],
  [
    'SandboxFusion without its conda environment',
    ['EnvironmentNameNotFound: Could not find conda environment: sandbox-runtime'],
    'the image lacks the conda environment sandbox-runtime',
    /conda environment/,
    /install-python-runtime/,
  ],
  [
    'a module that is not there',
    [
      'Traceback (most recent call last):',
      "ModuleNotFoundError: No module named 'sandbox'",
      'make: *** [Makefile:5: run-online] Error 1',
    ],
    "the server's Python lacks the module sandbox",
    /ModuleNotFoundError/,
    /--image/,
  ],
  [
    'any other error of Python',
    ['Traceback (most recent call last):', 'yaml.scanner.ScannerError: mapping values are not allowed here'],
    'the server ended with ScannerError: mapping values are not allowed here',
    /ScannerError/,
    /sandboxctl logs/,
  ],
];
