import { readdirSync, readFileSync } from 'node:fs';
import { codeOf } from '../../errors.js';

/** The processes that the main thread of `pid` started and that live; empty where it is gone. */
export function childrenOf(pid: number): number[] {
  return startedBy(`/proc/${pid}/task/${pid}`);
}

export function treeOf(pid: number): number[] {
  const found = [pid];
  for (const each of found) {
    const threads = list(`/proc/${each}/task`);
    found.push(...threads.flatMap((thread) => startedBy(`/proc/${each}/task/${thread}`)));
  }
  return found;
}

function startedBy(thread: string): number[] {
  const text = read(`${thread}/children`);
  return text === '' ? [] : text.trimEnd().split(' ').map(Number);
}

export function kill(pids: readonly number[]): void {
  for (const pid of pids) signal(pid, 'SIGKILL');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** Each is stopped before its children are listed: a process with a signal pending cannot fork. */
export function killTree(pid: number): void {
  signal(pid, 'SIGSTOP');
  for (const each of childrenOf(pid)) killTree(each);
  signal(pid, 'SIGKILL');
}

export function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
