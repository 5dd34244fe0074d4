// A fleet that comes up, shown by the real streams and reporter. Arguments: instances, ms between steps, flags.
import { clock } from '../../../src/cli/clock.js';
import { reporterFactory } from '../../../src/cli/report/index.js';
import type { EventBody } from '../../../src/commands/context.js';
import type { ServerView } from '../../../src/fleet/instance.js';
import { main } from '../../../src/main.js';
import { UNKNOWN } from '../../endpoints/samples.js';

const [count = '4', step = '50', ...flags] = process.argv.slice(2);
const NASTY = '資源不足 \u001b[31mred\u001b[0m\nsecond line '.repeat(3);

await main(flags, async (_argv, programRun) => {
  const factory = await reporterFactory(programRun);
  const reporter = factory({ json: programRun.json, fleet: 'sandbox', now: Date.now });
  const event = (body: EventBody) =>
    reporter.event({ schema_version: 1, time: new Date().toISOString(), fleet: 'sandbox', ...body });
  const views = Array.from({ length: Number(count) }, (_, instance) => pending(instance));

  event({ type: 'plan', reason: `${count} instances on cpuonly` });
  reporter.view(views);
  for (const state of ['starting', 'ready'] as const) {
    for (const view of views) {
      await clock.sleep(Number(step), programRun.stop.signal);
      if (programRun.stop.signal.aborted) return;
      Object.assign(view, { state, reason: null, node: `node${view.instance}`, expectedStart: null });
      event({
        type: 'instance',
        instance: view.instance,
        state,
        job_id: view.jobId ?? '',
        node: view.node ?? '',
      });
      reporter.view(views);
    }
  }
  event({ type: 'warning', reason: NASTY });
  reporter.close();
  if (!programRun.json) programRun.io.stdout.line('http://node0:8080');
});

function pending(instance: number): ServerView {
  return {
    ...UNKNOWN,
    instance,
    jobId: `1000_${instance}`,
    jobState: 'PENDING',
    reason: instance % 3 === 1 ? NASTY : 'Resources',
    startedAt: new Date().toISOString(),
    expectedStart: new Date(Date.now() + 3_600_000).toISOString(),
  };
}
