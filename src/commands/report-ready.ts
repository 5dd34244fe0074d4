import type { FleetController } from '../control/fleet-controller.js';
import type { Decision } from '../fleet/decide.js';
import type { Context, Reporter } from './context.js';
import { statusPageOf } from './status/gateways.js';

/** Only the gateway's URL if the fleet has one, since clients are to use it. */
export function readyUrls({ instances, gateway }: Decision): string[] {
  if (gateway?.state === 'ready' && gateway.url !== null) return [gateway.url];
  return instances.flatMap(({ state, url }) => (state === 'ready' && url !== null ? [url] : []));
}

/** Ends a command that changed a fleet: its last event, and one URL a line on stdout. */
export function reportReady(
  context: Context,
  { emit }: Pick<FleetController, 'emit'>,
  decision: Decision,
  { reporter, json }: { reporter: Reporter; json: boolean },
): void {
  const urls = readyUrls(decision);
  const ready = decision.instances.filter((view) => view.state === 'ready').length;
  const { gateway } = decision;
  const page =
    gateway?.state === 'ready' && gateway.url !== null ? `; status page: ${statusPageOf(gateway.url)}` : '';
  emit({
    type: 'result',
    reason: `${ready === 1 ? '1 server is' : `${ready} servers are`} ready${page}`,
    data: { exit_code: 0, urls },
  });
  reporter.close();
  if (!json) for (const url of urls) context.io.stdout.line(url);
}
