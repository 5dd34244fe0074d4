import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FleetGuard } from '../../src/gateway/health/fleet-guard.js';
import { Health } from '../../src/gateway/health/health.js';

const WINDOW_MS = 10_000;
const STEP = fc.record({
  server: fc.nat(),
  passes: fc.boolean(),
  ms: fc.integer({ min: 0, max: 4_000 }),
});

test('never more than half of a fleet leaves within one window, and whoever passes its checks comes back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(STEP, { maxLength: 80 }), (size, steps) => {
      const guard = new FleetGuard<Health>();
      const fleet = Array.from({ length: size }, () => new Health());
      for (const health of fleet) health.recordSuccess(0);
      let now = 0;
      for (const { server, passes, ms } of steps) {
        now += ms;
        const health = fleet[server % size] as Health;
        if (passes) {
          const wasSuspect = health.suspect;
          if (health.recordSuccess(now) || wasSuspect) guard.forget(health);
        } else {
          health.recordFailure(now, 'wrong', true, () => guard.mayLeave(health, size, now));
          if (health.suspect) for (const each of guard.leaving) if (each.state === 'out') each.readmit(now);
        }
        const left = fleet.filter(({ state, ejections }) => {
          return state === 'out' && now - (ejections[0]?.at ?? 0) <= WINDOW_MS;
        });
        expect(left.length * 2).toBeLessThanOrEqual(size);
      }
      // Once all are well, all return: after the longest time that one stays out.
      for (const wait of [60_001, 1, 1]) {
        now += wait;
        for (const health of fleet) health.recordSuccess(now);
      }
      expect(fleet.map(({ state, failures, suspect }) => [state, failures, suspect])).toEqual(
        Array(size).fill(['in', 0, false]),
      );
    }),
  );
});
