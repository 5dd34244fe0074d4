import { expect, it } from 'vitest';
import { eventNews } from '../../src/control/event-news.js';
import type { EventBody } from '../../src/fleet/events.js';
import { goneEvent, slotEvent } from '../../src/fleet/slot-events.js';
import { view } from '../endpoints/samples.js';

const ready = slotEvent(view({ instance: 0, jobId: '7_0', state: 'ready', url: 'http://a:1' }), null);
const clients = (...urls: string[]): EventBody => ({
  type: 'endpoints',
  data: { ready: urls.length, nodes: 2, urls },
});

it('the history has a server that runs once, whatever commands find it, until something changes', () => {
  const isNews = eventNews([ready, clients('http://a:1', 'http://b:1')]);
  const unhealthy = { ...ready, state: 'unhealthy', reason: 'suspended by Slurm' } as const;
  const elsewhere = { ...ready, data: { ...ready.data, url: 'http://a:2' } };
  const events: [EventBody, boolean][] = [
    [{ ...ready, reason: 'found running' }, false],
    [clients('http://b:1', 'http://a:1'), false],
    [clients('http://b:1'), true],
    [unhealthy, true],
    [unhealthy, false],
    [ready, true],
    [elsewhere, true],
    [{ ...elsewhere, job_id: '8_0' }, true],
    [goneEvent(view({ instance: 0, jobId: '7_0' }), 'it was cancelled', ''), true],
  ];
  for (const [event, expected] of events) expect([event, isNews(event)]).toEqual([event, expected]);
});

it('what is no state of something is always news', () => {
  const warning = { type: 'warning', reason: 'scancel: no answer' } as const;
  const isNews = eventNews([warning]);
  expect([isNews(warning), isNews(warning)]).toEqual([true, true]);
});
