import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Something that we rely on about a client. Without `has`, `lacks` and `gone` nothing is looked at. */
export interface Fact {
  fact: string;
  used_by: string;
  /** One of the two: a file, or a folder whose files are searched together. */
  file?: string;
  folder?: string;
  has?: string;
  lacks?: string;
  /** The file must not be there. */
  gone?: true;
}

export interface ClientFacts {
  client: string;
  repository: string;
  /** At which the facts were read. */
  commit: string;
  /** By this file a checkout is recognized. */
  marker: string;
  facts: readonly Fact[];
}

export interface Checked {
  client: ClientFacts;
  /** Facts that no longer hold, and why. */
  broken: { fact: Fact; why: string }[];
}

export function clientFacts(): readonly ClientFacts[] {
  return JSON.parse(readFileSync(new URL('facts.json', import.meta.url), 'utf8')).clients;
}

/** Undefined if the folder is no checkout of a client that we know. */
export function checkCheckout(folder: string, clients = clientFacts()): Checked | undefined {
  const client = clients.find(({ marker }) => existsSync(join(folder, marker)));
  if (client === undefined) return undefined;
  const broken = client.facts.flatMap((fact) => {
    const why = whyBroken(folder, fact);
    return why === undefined ? [] : [{ fact, why }];
  });
  return { client, broken };
}

function whyBroken(root: string, { file, folder, has, lacks, gone }: Fact): string | undefined {
  const path = join(root, file ?? folder ?? '');
  if (gone) return existsSync(path) ? `${file} is there` : undefined;
  if (!existsSync(path)) return `${file ?? folder} is not there`;
  const texts = file === undefined ? filesBelow(path) : [readFileSync(path, 'utf8')];
  if (has !== undefined && !texts.some((text) => new RegExp(has, 'm').test(text)))
    return `${file ?? folder} has nothing like ${has}`;
  if (lacks !== undefined && texts.some((text) => new RegExp(lacks, 'm').test(text)))
    return `${file ?? folder} has ${lacks}`;
  return undefined;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.py'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}
