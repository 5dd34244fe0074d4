import { stripVTControlCharacters } from 'node:util';
import type { FleetEvent } from './events.js';

export function eventLine(event: FleetEvent): string {
  const parts = event.type === 'instance' || event.type === 'gateway' ? slotParts(event) : typeParts(event);
  const reason = event.reason === undefined ? '' : oneLine(event.reason);
  return oneLine(reason === '' ? parts : `${parts}: ${reason}`);
}

/** Makes text of a log or a tool safe to print within one line. */
export function oneLine(text: string): string {
  return (
    stripVTControlCharacters(text)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
      .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
      .trim()
  );
}

function slotParts({ type, instance, state, node, job_id }: FleetEvent): string {
  const where = [job_id === undefined ? '' : `job ${job_id}`, node === undefined ? '' : `on ${node}`]
    .filter((part) => part !== '')
    .join(' ');
  const name = instance === undefined ? type : `instance ${instance}`;
  return [name, state ?? '', where === '' ? '' : `(${where})`].filter((part) => part !== '').join(' ');
}

function typeParts({ type, job_id, instance, reason }: FleetEvent): string {
  if (reason !== undefined) return type;
  const job = job_id === undefined ? '' : ` job ${job_id}`;
  return `${type}${job}${instance === undefined ? '' : ` instance ${instance}`}`;
}
