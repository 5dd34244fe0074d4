import { execute, must } from './execute.js';

const PACKAGES = [
  'slurm-wlm',
  'munge',
  'libslurm-dev',
  'libfuse3-dev',
  'libc6-dev',
  'gcc',
  'make',
  'python3',
  'iproute2',
  'skopeo',
  'docker-registry',
  'squashfs-tools',
  'bubblewrap',
  'zstd',
  'jq',
  'shellcheck',
];
const ACCOUNTING = ['slurmdbd', 'mariadb-server'];

/** Debian's policy-rc.d keeps the services from starting; one that stands there already is left alone. */
const SCRIPT = `
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
apt-get update
apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
`;

/** Installs what Debian has and this machine lacks; about 20 s for all, nothing where all is there. */
export async function install(options: { accounting: boolean }): Promise<void> {
  const missing = await missingOf(options.accounting ? [...PACKAGES, ...ACCOUNTING] : PACKAGES);
  if (missing.length === 0) return;
  process.stderr.write(`installing ${missing.join(' ')}\n`);
  // Test files start side by side: one installs, the others wait and then find all in place.
  await must(['flock', '/etc/apt', 'sh', '-euc', SCRIPT, 'sh', ...missing], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } as Record<string, string>,
  });
}

async function missingOf(wanted: string[]): Promise<string[]> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  const asked = await execute(['dpkg-query', '-W', '-f', '${db:Status-Abbrev}${Package}\n', ...wanted]);
  return wanted.filter((name) => !asked.stdout.includes(`ii ${name}\n`));
}
