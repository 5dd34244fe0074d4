import { messageOf, SandboxctlError } from '../errors.js';
import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch, type Response } from '../vendor/undici.js';
import { parseChallenge } from './challenge.js';
import { type Layer, layersOf, pickManifest } from './manifest.js';
import type { ImageSource } from './source.js';

/** Milliseconds for each request. They are small; a registry that takes longer counts as out of reach. */
const REQUEST_TIMEOUT_MS = 15_000;
const LISTS =
  'application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.index.v1+json';
const MANIFESTS =
  'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json';

export interface RegistryAnswer {
  /** Of the manifest for the architecture, as `enroot digest` prints it. */
  digest: string;
  layers: Layer[];
}

export interface RegistryOptions {
  env: NodeJS.ProcessEnv;
  architecture: string;
  login: { user: string; password: string | null } | null;
  signal?: AbortSignal | undefined;
}

/**
 * Asks for digest and sizes, never for a layer. Throws kind `tool` if the registry cannot be reached, `refused` if it
 * refuses.
 */
export async function askRegistry(source: ImageSource, options: RegistryOptions): Promise<RegistryAnswer> {
  const dispatcher = dispatcherFor(options.env);
  try {
    const client = { source, options, dispatcher };
    const list = await request(client, source.version, `${LISTS}, ${MANIFESTS}`);
    const chosen = pickManifest(list.body, options.architecture);
    const answer = chosen === null ? list : await request(client, chosen, MANIFESTS);
    const digest = answer.digest ?? chosen;
    if (digest === null)
      throw refused(source, `no docker-content-digest in the answer for ${source.version}`);
    return { digest, layers: layersOf(answer.body) };
  } finally {
    await dispatcher.destroy();
  }
}

export async function loginHosts(source: ImageSource, options: RegistryOptions): Promise<string[]> {
  const dispatcher = dispatcherFor(options.env);
  try {
    const answer = await get({ source, options, dispatcher }, `${source.scheme}://${source.host}/v2/`, {});
    await answer.body?.cancel();
    const challenge = parseChallenge(answer.headers.get('www-authenticate') ?? '');
    return challenge?.scheme === 'bearer' ? [source.host, new URL(challenge.realm).host] : [source.host];
  } catch {
    return [source.host];
  } finally {
    await dispatcher.destroy();
  }
}

interface Client {
  source: ImageSource;
  options: RegistryOptions;
  dispatcher: Dispatcher;
}

async function request(
  client: Client,
  version: string,
  accept: string,
): Promise<{ body: unknown; digest: string | null }> {
  const { source } = client;
  const url = `${source.scheme}://${source.host}/v2/${source.repository}/manifests/${version}`;
  let answer = await get(client, url, { accept });
  if (answer.status === 401) {
    await answer.body?.cancel();
    const authorization = await authorize(client, answer.headers.get('www-authenticate') ?? '');
    if (authorization !== null) answer = await get(client, url, { accept, authorization });
  }
  if (!answer.ok) {
    await answer.body?.cancel();
    throw refused(source, `${url} returned error code: ${answer.status} ${answer.statusText}`, answer.status);
  }
  return { body: await json(answer, source), digest: answer.headers.get('docker-content-digest') };
}

async function authorize(client: Client, header: string): Promise<string | null> {
  const { login } = client.options;
  const basic =
    login === null || login.password === null
      ? null
      : `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  const challenge = parseChallenge(header);
  if (challenge === null || challenge.scheme === 'basic') return basic;
  const url = new URL(challenge.realm);
  for (const [key, value] of Object.entries(challenge.parameters)) url.searchParams.set(key, value);
  const answer = await get(client, url.href, basic === null ? {} : { authorization: basic });
  if (!answer.ok) {
    await answer.body?.cancel();
    return null;
  }
  const { token, access_token } = (await json(answer, client.source)) as {
    token?: unknown;
    access_token?: unknown;
  };
  const granted = token ?? access_token;
  return typeof granted === 'string' ? `Bearer ${granted}` : null;
}

async function get(
  { source, options, dispatcher }: Client,
  url: string,
  headers: Record<string, string>,
): Promise<Response> {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  try {
    return await fetch(url, { headers, dispatcher, signal });
  } catch (error) {
    options.signal?.throwIfAborted();
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw unreachable(source, messageOf(cause), error);
  }
}

async function json(answer: Response, source: ImageSource): Promise<unknown> {
  try {
    return await answer.json();
  } catch (error) {
    throw unreachable(source, 'it answered with something that is not JSON', error);
  }
}

function dispatcherFor(env: NodeJS.ProcessEnv): Dispatcher {
  const httpProxy = env.http_proxy || env.HTTP_PROXY;
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY;
  if (!httpProxy && !httpsProxy) return new Agent();
  const noProxy = env.no_proxy || env.NO_PROXY;
  return new EnvHttpProxyAgent({
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    ...(noProxy ? { noProxy } : {}),
  });
}

function unreachable(source: ImageSource, words: string, cause: unknown): SandboxctlError {
  return new SandboxctlError('tool', {
    what: `${source.host} cannot be asked for the image's digest`,
    detail: words,
    hint: "check the network, https_proxy and registryMirror, or import on a node: 'sandboxctl import-image --on job'",
    cause,
  });
}

/** Too many requests and broken servers say nothing about the image: they count as out of reach. */
function refused(source: ImageSource, words: string, status = 0): SandboxctlError {
  return new SandboxctlError(status === 429 || status >= 500 ? 'tool' : 'refused', {
    what: `${source.host} does not give out ${source.repository}:${source.version}`,
    detail: words,
    hint: "check name and tag; for a private image run 'docker login' or fill enroot's ~/.config/enroot/.credentials",
  });
}
