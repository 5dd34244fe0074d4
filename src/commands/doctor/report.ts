import { join } from 'node:path';
import type { ResolvedConfig } from '../../config/load.js';
import { type Config, SETTINGS } from '../../config/settings.js';
import { secretsIn } from '../../doctor/redact.js';
import { type ReportParts, reportText } from '../../doctor/report.js';
import { codeOf, messageOf, SandboxctlError } from '../../errors.js';
import { readIfThere, writeNew } from '../../files/atomic.js';
import { version } from '../../files/version.js';
import { listFleets } from '../../state/fleets.js';
import { readRegistration } from '../../state/registrations.js';
import { fleetStore } from '../../state/store.js';
import type { Context } from '../context.js';

const MODE = 0o600;
const MOST_EVENTS = 40;
const HOOKS: ReadonlySet<keyof Config> = new Set(['onReady', 'onEndpoints', 'onFailure']);

/** Writes one file for a bug report, and returns its path. Throws kind `usage` if there is one of that name. */
export async function writeReport(
  context: Context,
  file: string | undefined,
  resolved: ResolvedConfig,
  seen: Pick<ReportParts, 'screen' | 'facts'>,
): Promise<string> {
  const time = new Date(context.clock.now()).toISOString();
  const path = context.path(file ?? `sandboxctl-doctor-${time.slice(0, 19).replace(/[^\dT]/g, '')}.txt`);
  const parts = {
    ...{ version: version(), time, ...seen, settings: settingsOf(resolved) },
    events: await eventsOf(context.stateFolder),
  };
  const text = reportText(parts, await secretsOf(context, resolved.config));
  try {
    await writeNew(path, text, MODE);
  } catch (error) {
    throw new SandboxctlError(codeOf(error) === 'EEXIST' ? 'usage' : 'config', {
      what:
        codeOf(error) === 'EEXIST' ? `${path} exists already and was not changed` : `cannot write ${path}`,
      detail: messageOf(error),
      hint: "name another file: 'sandboxctl doctor --report FILE'",
      cause: error,
    });
  }
  return path;
}

function settingsOf({ config, origins }: ResolvedConfig): string[] {
  return SETTINGS.flatMap(({ key }) => {
    if (origins[key] === 'default') return [];
    return [`${key}: ${JSON.stringify(shownValue(config, key))}  # ${origins[key]}`];
  });
}

/** Commands, and what they are given, are the user's own: they may hold anything. */
function shownValue(config: Config, key: keyof Config): unknown {
  if (key === 'env' || key === 'sbatchArg') return config[key].map((each) => each.replace(/[= ].*/s, ''));
  return HOOKS.has(key) && config[key] !== null ? 'a command' : config[key];
}

async function eventsOf(stateFolder: string): Promise<string[]> {
  const all = await Promise.all(
    (await listFleets(stateFolder).catch(() => [])).map(async (fleet) => {
      const text = await readIfThere(fleetStore(stateFolder, fleet).folders.events).catch(() => undefined);
      return (text ?? '').trimEnd().split('\n').slice(-MOST_EVENTS);
    }),
  );
  return all.flat().filter((line) => line !== '');
}

/** What is known to be secret here. */
async function secretsOf(context: Context, { env: given, tokenFile }: Config): Promise<string[]> {
  const { env, stateFolder } = context;
  const token = tokenFile === null ? undefined : await readIfThere(tokenFile).catch(() => undefined);
  const values = given.map((each) =>
    each.includes('=') ? each.slice(each.indexOf('=') + 1) : (env[each] ?? ''),
  );
  const jobs = await Promise.all(
    (await listFleets(stateFolder).catch(() => [])).map((fleet) =>
      jobSecrets(stateFolder, fleet).catch(() => []),
    ),
  );
  return [...secretsIn(env), token?.trim() ?? '', ...values, ...jobs.flat()];
}

/** By which jobs prove themselves, and the values that were deployed with --env. */
async function jobSecrets(stateFolder: string, fleet: string): Promise<string[]> {
  const store = fleetStore(stateFolder, fleet);
  const names = await store.listRegistrations();
  const registered = await Promise.all(
    names.map((name) => readRegistration(join(store.folders.registrations, name))),
  );
  const spec = await store.readSpec();
  const values = spec?.job.env.flatMap((each) => ('value' in each ? each.value : [])) ?? [];
  return [...registered.flatMap((each) => [each?.nonce ?? '', each?.secret ?? '']), ...values];
}
