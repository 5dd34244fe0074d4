import { formatAge } from '../../text/duration.js';

const MINUTE_S = 60;

/** `12.3 s`, `4m`; null is `-`. */
export function seconds(value: number | null): string {
  if (value === null) return '-';
  if (value >= 10 * MINUTE_S) return formatAge(value);
  return `${value.toFixed(value < 100 ? 1 : 0)} s`;
}

export function milliseconds(value: number | null): string {
  if (value === null) return '-';
  if (value >= 10_000) return seconds(value / 1000);
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

export function ratio(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(2)} x`;
}

export function rate(value: number | null): string {
  if (value === null) return '-';
  return value.toFixed(value < 100 ? 1 : 0);
}

export function megabytes(bytes: number | null): string {
  return bytes === null ? '-' : `${Math.round(bytes / 2 ** 20)} MB`;
}

/** `1 run`, `2 runs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
