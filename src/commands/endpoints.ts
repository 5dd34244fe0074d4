import { buildEndpoints, json, readEndpoints } from '../endpoints/file.js';
import type { EndpointsFile } from '../endpoints/schema.js';
import { selectEndpoints } from '../endpoints/select.js';
import { SandboxctlError } from '../errors.js';
import { fleetFolders } from '../state/folders.js';
import { formatAge } from '../text/duration.js';
import { chooseFleet } from './choose-fleet.js';
import type { Context } from './context.js';

export interface EndpointsOptions {
  format?: string | undefined;
  write?: string | undefined;
  check?: boolean;
  all?: boolean;
  watch?: boolean;
  direct?: boolean;
  /** A copy of Reasoning360's client in which to set the list of servers. */
  patch?: string | undefined;
  /** With `patch`: each process starts at another place in the list. */
  rotate?: boolean;
}

/** Only `check` queries Slurm and the servers. Throws kind `absent` if the fleet does not exist. */
export async function endpoints(context: Context, options: EndpointsOptions): Promise<void> {
  rejectContradictions(options);
  const fleet = await chooseFleet(context);
  const file = options.check ? await checked(context, fleet) : await cachedFile(context, fleet);
  if (file === undefined) {
    const { absentFleet } = await import('./absent-fleet.js');
    throw await absentFleet(context.stateFolder, fleet);
  }
  if (options.watch) {
    const read = async () => (await cachedFile(context, fleet)) ?? { ...file, gateway: null, endpoints: [] };
    return watch(context, options, file, read);
  }
  await answer(context, options, file);
}

/** Without endpoints until the first deploy has written the file; undefined if there is no fleet. */
async function cachedFile(context: Context, fleet: string): Promise<EndpointsFile | undefined> {
  const file = await readEndpoints(fleetFolders(context.stateFolder, fleet).endpoints);
  if (file !== undefined) return file;
  const { fleetStore } = await import('../state/store.js');
  const spec = await fleetStore(context.stateFolder, fleet).readSpec();
  if (spec === undefined) return undefined;
  return buildEndpoints(spec, { instances: [], gateway: null }, new Date(context.clock.now()).toISOString());
}

async function checked(context: Context, fleet: string): Promise<EndpointsFile | undefined> {
  const { checkFleet } = await import('./endpoints/check.js');
  return checkFleet(context, fleet);
}

function selected(context: Context, options: EndpointsOptions, file: EndpointsFile): EndpointsFile {
  const { all = false, direct = false } = options;
  return selectEndpoints(file, { now: context.clock.now(), all, direct });
}

async function answer(context: Context, options: EndpointsOptions, file: EndpointsFile): Promise<void> {
  const { io, clock } = context;
  if (options.patch !== undefined) {
    const { patchClient } = await import('./endpoints/patch.js');
    const ready = selected(context, { ...options, all: false }, file);
    return patchClient(context, ready, { path: options.patch, rotate: options.rotate ?? false });
  }
  const shown = selected(context, options, file);
  if (options.write !== undefined) return writeFile(context, options, shown);
  const format = formatOf(context, options) ?? (io.stdout.isTTY ? 'table' : 'json');
  if (format === 'json') {
    io.stdout.write(json(shown));
    noteAge(context, file);
    return;
  }
  const { renderFormat } = await import('../endpoints/formats/render.js');
  const width = io.stdout.isTTY ? io.stdout.columns : 0;
  io.stdout.write(await renderFormat(format, shown, { now: clock.now(), width, note: io.stderr.line }));
  if (format !== 'table') return;
  const { notes } = await import('../endpoints/formats/table.js');
  const { fleet } = context.globals;
  const given = fleet === undefined ? '' : ` --fleet ${fleet}`;
  for (const note of notes(file, shown, clock.now(), given)) io.stderr.line(note);
}

/** A list in a pipe that is older gets a line about its age; on a terminal the table has one. Milliseconds. */
const OLD_MS = 120_000;

function noteAge({ clock, io }: Context, { fleet, updated_at }: EndpointsFile): void {
  const age = clock.now() - Date.parse(updated_at);
  if (age < OLD_MS) return;
  const check = `'sandboxctl endpoints --fleet ${fleet} --check' asks now`;
  io.stderr.line(`seen ${formatAge(age / 1000)} ago; ${check}`);
}

function formatOf({ path }: Context, { format }: EndpointsOptions): string | undefined {
  return format?.endsWith('.hbs') ? path(format) : format;
}

async function writeFile(context: Context, options: EndpointsOptions, shown: EndpointsFile): Promise<void> {
  const { formatForFile, writeClientFile } = await import('../endpoints/client-config.js');
  const { renderFormat } = await import('../endpoints/formats/render.js');
  const path = context.path(options.write ?? '');
  const format = formatOf(context, options) ?? formatForFile(path);
  const { clock, io } = context;
  const text = await renderFormat(format, shown, { now: clock.now(), note: io.stderr.line });
  await writeClientFile(path, text);
}

async function watch(
  context: Context,
  options: EndpointsOptions,
  file: EndpointsFile,
  read: () => Promise<EndpointsFile>,
): Promise<void> {
  const { io, clock, signal } = context;
  const { watchEndpoints } = await import('../endpoints/watch.js');
  const changes = watchEndpoints(selected(context, options, file), {
    read: async () => selected(context, options, await read()),
    sleep: clock.sleep,
    signal,
    onFailure: (words) => io.stderr.line(`warning: ${words}`),
  });
  for await (const { events, file: shown } of changes) {
    if (options.write !== undefined) await writeFile(context, options, shown);
    const time = new Date(clock.now());
    for (const event of events) {
      const whole = { schema_version: 1, time: time.toISOString(), fleet: shown.fleet, ...event };
      io.stdout.line(
        io.stdout.isTTY ? `${time.toTimeString().slice(0, 8)}  ${event.reason}` : JSON.stringify(whole),
      );
    }
  }
}

function rejectContradictions(options: EndpointsOptions): void {
  const { watch, check, format, write, patch, rotate } = options;
  if (patch !== undefined && (watch || format !== undefined || write !== undefined)) {
    throw new SandboxctlError('usage', {
      what: '--patch cannot be combined with --watch, --format or --write: it prints nothing',
      hint: 'leave out --watch, --format and --write, or --patch',
    });
  }
  if (rotate && patch === undefined) {
    throw new SandboxctlError('usage', {
      what: '--rotate needs --patch',
      hint: 'name the file: sandboxctl endpoints --patch FILE --rotate',
    });
  }
  if (watch && check) {
    throw new SandboxctlError('usage', {
      what: '--watch cannot be combined with --check, which checks only once',
      hint: 'leave one of them out',
    });
  }
  if (watch && format !== undefined && write === undefined) {
    throw new SandboxctlError('usage', {
      what: '--watch prints changes, so --format needs a file',
      hint: 'leave out --format, or name a file with --write',
    });
  }
}
