import { isObject } from '../text/json-object.js';
import type { EnvEntry, GatewaySpec, JobSpec, Spec } from './spec.js';

export interface Difference {
  field: string;
  from: string;
  to: string;
}

/** The settings that differ between two specs, for people: by the settings' names, without digests. */
export function differences(from: Spec, to: Spec): Difference[] {
  return [
    ...different('nodes', String(from.nodes), String(to.nodes)),
    ...jobDifferences(from.job, to.job),
    ...gatewayDifferences(from.gateway, to.gateway),
  ];
}

function gatewayDifferences(from: GatewaySpec | undefined, to: GatewaySpec | undefined): Difference[] {
  const [before, after] = [gatewayName(from), gatewayName(to)];
  if (before !== after || from === undefined || to === undefined) return different('gateway', before, after);
  return jobDifferences(from.job, to.job).map((each) => ({ ...each, field: `gateway ${each.field}` }));
}

function gatewayName(gateway: GatewaySpec | undefined): string {
  if (gateway === undefined) return 'none';
  if (gateway.where === 'here') return 'on this machine';
  return `a job in partition ${gateway.job.slurm.partition}`;
}

function jobDifferences(from: JobSpec, to: JobSpec): Difference[] {
  const [before, after] = [shown(from), shown(to)];
  const fields = [...new Set([...before.keys(), ...after.keys()])];
  return [
    ...imageDifference(from.image, to.image),
    ...fields.flatMap((field) => different(field, before.get(field) ?? 'none', after.get(field) ?? 'none')),
    ...digestDifference('checkout', 'another commit', from.checkout?.head, to.checkout?.head),
    ...digestDifference('template', 'another text', from.template, to.template),
    ...envDifference(from.env, to.env),
  ];
}

function shown({ image: _, env: __, template: ___, checkout, slurm, cluster, ...rest }: JobSpec) {
  const { path, environment } = checkout ?? {};
  const fields = { ...rest, ...slurm, cluster: cluster ?? 'slurm', checkout: path, environment };
  return new Map(Object.entries(fields).map(([field, value]) => [field, textOf(value)]));
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(' ');
  if (isObject(value)) return Object.values(value).join('-');
  return String(value);
}

function imageDifference(from: JobSpec['image'], to: JobSpec['image']): Difference[] {
  if (from?.path !== to?.path) return different('image', from?.path ?? 'none', to?.path ?? 'none');
  return digestDifference('image', 'another content', from?.sha256, to?.sha256, to?.path);
}

function digestDifference(
  field: string,
  what: string,
  from: string | null | undefined,
  to: string | null | undefined,
  name = 'as before',
): Difference[] {
  if ((from ?? null) === (to ?? null)) return [];
  if (from == null) return different(field, 'none', 'one of your own');
  return to == null ? different(field, 'one of your own', 'none') : different(field, name, what);
}

function envDifference(from: readonly EnvEntry[], to: readonly EnvEntry[]): Difference[] {
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  const [before, after] = [envText(from), envText(to)];
  return different('env', before, before === after ? `${after} (another value)` : after);
}

function envText(entries: readonly EnvEntry[]): string {
  const texts = entries.map((each) => ('value' in each ? `${each.key}=${each.value}` : each.key));
  return texts.length === 0 ? 'none' : texts.join(' ');
}

function different(field: string, from: string, to: string): Difference[] {
  return from === to ? [] : [{ field, from, to }];
}
