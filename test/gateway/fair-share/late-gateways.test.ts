import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SlotAccount } from '../../../src/gateway/fair-share/slot-account.js';
import { Fleet, Member, sum } from './members.js';

/** How long after its last change others take a gateway for dead. */
const STALE_MS = 15_000;

interface Step {
  who: number;
  act: 'beat' | 'want' | 'finish' | 'die' | 'start' | 'pause';
  ms: number;
  count: number;
}

/** Each sees the others' files late, some die, some stand still for so long that the others take them for dead. */
test('the slots in use never add up to more than the limit, however late gateways see each other', () => {
  const step = fc.record({
    who: fc.nat(3),
    act: fc.constantFrom<Step['act']>(
      'beat',
      'beat',
      'beat',
      'beat',
      'want',
      'finish',
      'die',
      'start',
      'pause',
    ),
    ms: fc.nat(1500),
    count: fc.integer({ min: 1, max: 9 }),
  });
  const limits = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });
  const delays = fc.array(fc.nat(1500), { minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 80 }), delays, (slots, steps, late) => {
      const fleet = new Fleet(slots);
      const running: (Member | undefined)[] = [undefined, undefined, undefined, undefined];
      /** What was written when, by place. */
      const files: { at: number; account: SlotAccount }[][] = [[], [], [], []];
      /** When each first saw the latest of each other. */
      const seen = new Map<string, { member: string; at: number; write: number }>();
      const pausedUntil = [0, 0, 0, 0];
      let lives = 0;
      const visible = (reader: number) =>
        files.flatMap((writes, writer) => {
          if (writer === reader) return [];
          // A file's beginning is seen by whoever writes to the folder after it; what is written to it later, later.
          const latest =
            writes.findLast(({ at }) => at + (late[reader * 4 + writer] ?? 0) <= fleet.now) ?? writes[0];
          if (latest === undefined) return [];
          const key = `${running[reader]?.id} ${writer}`;
          const known = seen.get(key);
          const at = known?.write === latest.at ? known.at : fleet.now;
          seen.set(key, { member: latest.account.member, at, write: latest.at });
          return fleet.now - at < STALE_MS ? [latest.account] : [];
        });
      const beat = (who: number) => {
        const one = running[who];
        if (one === undefined || fleet.now < (pausedUntil[who] ?? 0)) return;
        const before = one.usage();
        const account = one.ledger.beat(visible(who), before);
        files[who]?.push({ at: fleet.now, account });
        one.ledger.published(account, fleet.now);
        one.start();
      };
      for (const { who, act, ms, count } of steps) {
        fleet.now += ms;
        const one = running[who];
        if (act === 'start' && one === undefined) {
          lives += 1;
          running[who] = new Member(`gateway${who} ${lives}`, fleet);
          // Written before anything is read, as a gateway does.
          const joining = new Member(`gateway${who} ${lives}`, fleet);
          files[who] = [{ at: fleet.now, account: { ...emptyAccount(joining.id) } }];
        } else if (act === 'die') running[who] = undefined;
        else if (act === 'pause') pausedUntil[who] = fleet.now + count * 3000;
        else if (act === 'want' && one !== undefined) one.waiting += count;
        else if (act === 'finish' && one !== undefined) one.finish(count);
        // Whoever is alive and not paused beats at least this often.
        for (let each = 0; each < 4; each += 1) if (act === 'beat' ? each === who : true) beat(each);
        for (const url of fleet.totals.keys()) {
          const usable = sum(running.map((each) => each?.ledger.limit(url) ?? 0));
          expect(usable).toBeLessThanOrEqual(fleet.totals.get(url) ?? 0);
        }
      }
    }),
    { numRuns: 150 },
  );
});

function emptyAccount(member: string): SlotAccount {
  return { member, rank: null, demand: 0, waiting: 0, starving: false, slots: {}, sent: {}, got: {} };
}
