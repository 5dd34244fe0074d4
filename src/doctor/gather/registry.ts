import type { Config } from '../../config/settings.js';
import { SandboxctlError } from '../../errors.js';
import { importEnvironment } from '../../import/environment.js';
import { allowsHttp } from '../../import/prepare.js';
import type { Run } from '../../process/run.js';
import { registryArchitecture } from '../../registry/architecture.js';
import { findLogin } from '../../registry/login.js';
import { parseReference } from '../../registry/reference.js';
import { sourceOf } from '../../registry/source.js';
import type { RegistryFacts } from '../facts.js';

interface Deps {
  run: Run;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  now(): number;
}

/** Asks the registry for the image's digest, as an import would; null where the image is a file of the user's own. */
export async function registryFacts(
  { image, registryMirror, arch }: Pick<Config, 'image' | 'registryMirror' | 'arch'>,
  { run, env, signal, now }: Deps,
): Promise<RegistryFacts | null> {
  if (image.startsWith('/') || image.endsWith('.sqsh')) return null;
  const source = sourceOf(parseReference(image), registryMirror, allowsHttp(env));
  const { host } = source;
  const url = `${source.scheme}://${host}`;
  const begun = now();
  try {
    const { login } = await findLogin(host, { env: importEnvironment(env, 'here'), run, signal });
    const { askRegistry } = await import('../../registry/client.js');
    const architecture = registryArchitecture(arch ?? process.arch);
    const { digest } = await askRegistry(source, { env, architecture, login, signal });
    return { host, url, answer: { digest, seconds: (now() - begun) / 1000 } };
  } catch (error) {
    if (!(error instanceof SandboxctlError)) throw error;
    return { host, url, answer: { words: error.detail ?? error.message, hint: error.hint } };
  }
}
