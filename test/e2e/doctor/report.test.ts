import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sandboxctl } from '../../cli/run.js';
import { folder } from '../../endpoints/folder.js';
import { specOf } from '../../script/specs.js';

/** Each is told to sandboxctl in another way, and stands in something that a report is made of. */
const SECRETS = {
  token: 'the-token-of-the-gateway',
  fileToken: 'the-token-of-a-file',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl',
  otherJwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJvdGhlciJ9.b3RoZXI',
  nonce: 'short-nonce-of-a-job',
  secret: '0123456789abcdef0123456789abcdef0123',
  envValue: 'value of a variable in the config',
  namedValue: 'value-of-a-named-variable',
  specValue: 'value-in-an-old-spec',
  proxyPassword: 'pass-of-the-proxy',
  dockerPassword: 'pass-of-the-registry',
  apiKey: 'sk-1234567890',
  hook: 'path-of-a-webhook',
  sbatch: 'value-of-an-option-of-sbatch',
};

const ENV_VALUES = { HF_TOKEN: 'hf_abcdefgh', WANDB_API_KEY: 'wandb-abcdefgh' };

test('doctor --report writes a file of which no secret is a part', async () => {
  const root = folder();
  const state = join(root, 'state');
  const fleet = join(state, 'fleets/train');
  mkdirSync(join(fleet, 'registrations'), { recursive: true });
  const job = { cluster: 'local' as const, runtime: 'embedded' as const, image: null };
  const spec = specOf({ fleet: 'train', job: { ...job, env: [{ key: 'OLD', value: SECRETS.specValue }] } });
  writeFileSync(join(fleet, 'spec.json'), JSON.stringify({ ...spec, nodes: 0 }));
  const registration = {
    ...{ schema_version: 1, job_id: '1_0', instance: 0, submission: 'a', node: 'here', host: '127.0.0.1' },
    ...{ addresses: [], port: 1, nonce: SECRETS.nonce, secret: SECRETS.secret, cpus: 2, state: 'gone' },
    ...{ exit_code: 0, log: '/x', beat: 1 },
  };
  writeFileSync(join(fleet, 'registrations/1_0.json'), JSON.stringify(registration));
  const words = Object.values(SECRETS).join(' ');
  const event = {
    schema_version: 1,
    time: '2026-11-30T12:00:00Z',
    fleet: 'train',
    type: 'warning',
    reason: words.replace(SECRETS.hook, '').replace(SECRETS.sbatch, ''),
  };
  writeFileSync(
    join(fleet, 'events.ndjson'),
    `${JSON.stringify({ ...event, auth: `Bearer ${SECRETS.apiKey}` })}\n`,
  );
  writeFileSync(join(root, 'token'), `${SECRETS.fileToken}\n`);
  mkdirSync(join(root, '.docker'));
  const auth = Buffer.from(`me:${SECRETS.dockerPassword}`).toString('base64');
  writeFileSync(
    join(root, '.docker/config.json'),
    JSON.stringify({ auths: { 'https://index.docker.io/v1/': { auth } } }),
  );
  writeFileSync(
    join(root, 'sandboxctl.yaml'),
    `env: ["KEY=${SECRETS.envValue}", "NAMED"]\ntokenFile: ${join(root, 'token')}\ncluster: local\nonReady: "curl https://hook.site/${SECRETS.hook}"\nsbatchArg: ["--licenses=${SECRETS.sbatch}"]\n`,
  );
  const said = await sandboxctl(['doctor', '--report'], {
    cwd: root,
    env: {
      ...{ PATH: process.env.PATH ?? '', HOME: root, SANDBOXCTL_STATE_DIR: state, ...ENV_VALUES },
      ...{ SANDBOXCTL_TOKEN: SECRETS.token, SLURM_JWT: SECRETS.jwt, NAMED: SECRETS.namedValue },
      ...{ https_proxy: `http://me:${SECRETS.proxyPassword}@proxy.site:3128`, MY_API_KEY: SECRETS.apiKey },
      ...{ MY_PASSWORD: SECRETS.dockerPassword, PROXY_PASSWORD: SECRETS.proxyPassword },
    },
  });
  expect(said.code, said.stdout + said.stderr).toBe(0);
  const [name = '', ...others] = readdirSync(root).filter((each) => each.startsWith('sandboxctl-doctor-'));
  expect(others).toEqual([]);
  expect(said.stderr).toContain(`report: ${join(root, name)}`);
  expect(statSync(join(root, name)).mode & 0o777).toBe(0o600);
  const report = readFileSync(join(root, name), 'utf8');
  // It says what a bug report needs.
  for (const part of [
    'sandboxctl 0.',
    'This machine',
    '"place": "local"',
    'env: ["KEY","NAMED"]',
    '"type":"warning"',
  ]) {
    expect(report).toContain(part);
  }
  const all = [...Object.values(SECRETS), ...Object.values(ENV_VALUES)];
  expect(all.filter((secret) => report.includes(secret) || said.stdout.includes(secret))).toEqual([]);
});

test('a file that is there is never overwritten', { tags: 'matrix' }, async () => {
  const root = folder();
  writeFileSync(join(root, 'mine'), 'mine');
  const env = { PATH: process.env.PATH ?? '', HOME: root, SANDBOXCTL_STATE_DIR: join(root, 'state') };
  const said = await sandboxctl(['doctor', '--cluster', 'local', '--report', 'mine'], { cwd: root, env });
  expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining('exists already') });
  expect(readFileSync(join(root, 'mine'), 'utf8')).toBe('mine');
});
