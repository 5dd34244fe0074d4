import { closeSync, constants, openSync } from 'node:fs';
import type { Watched } from '../../limits/watch.js';

/** A pipe of a slot: what the server does with its end. */
const PIPES = { job: 'w', stdin: 'w', stdout: 'r', stderr: 'r', control: 'r' } as const;
type Name = keyof typeof PIPES;

/** A sandbox that waits for its program. The descriptors are this process's own. */
export interface Slot extends Record<Name, number> {
  /** Its first process, which does nothing but hold its namespaces; as the next in the zygote's PID namespace. */
  pid: number;
  /** The process that waits, and becomes the program. */
  program: number;
  born?: Watched['born'];
}

/** Opens the ends of a slot's pipes, from `slot PID PROGRAM job=N stdin=N ...`, which a zygote answered. Throws system errors. */
export function openSlot(line: string, zygote: number): Slot {
  const [, pid, program, ...pairs] = line.split(' ');
  const theirs = new Map(pairs.map((pair) => pair.split('=') as [string, string]));
  const opened: number[] = [];
  const open = (name: Name) => {
    const way = PIPES[name] === 'r' ? constants.O_RDONLY : constants.O_WRONLY;
    const fd = openSync(`/proc/${zygote}/fd/${theirs.get(name)}`, way | constants.O_NONBLOCK);
    opened.push(fd);
    return fd;
  };
  try {
    return {
      pid: Number(pid),
      program: Number(program),
      job: open('job'),
      stdin: open('stdin'),
      stdout: open('stdout'),
      stderr: open('stderr'),
      control: open('control'),
    };
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  }
}

/** Gives up a slot that no program was put into: it ends. */
export function closeSlot(slot: Slot): void {
  for (const name of Object.keys(PIPES) as Name[]) closeSync(slot[name]);
}
