import { type Ground, WEDGED_AFTER_S } from './ground.js';

export interface Fault {
  name: string;
  act(): Promise<unknown>;
}

/** How long a controller, or the network, is away. Milliseconds. */
const MINUTE = 60_000;
const CUT_MS = (WEDGED_AFTER_S + 10) * 1000;

/** One of every kind of thing that happens to a fleet in weeks. What is taken away comes back before `act` ends. */
export function faultsOn(ground: Ground): Fault[] {
  return [...jobFaults(ground), ...nodeFaults(ground), ...keeperFaults(ground), ...otherCommands(ground)];
}

function jobFaults({ anyServer, scancel, scontrol, signalServer, pause, random }: Ground): Fault[] {
  /** As an administrator does: jobs ask not to be requeued. */
  const requeue = async (word: 'requeue' | 'requeuehold') => {
    const { job_id } = await anyServer();
    await scontrol('update', `jobid=${job_id}`, 'requeue=1');
    await scontrol(word, job_id);
  };
  return [
    { name: 'scancel', act: async () => scancel((await anyServer()).job_id) },
    { name: 'job requeued', act: () => requeue('requeue') },
    { name: 'job requeued and held', act: () => requeue('requeuehold') },
    { name: 'job suspended', act: async () => scontrol('suspend', (await anyServer()).job_id) },
    {
      name: 'job suspended and resumed',
      act: async () => {
        const { job_id } = await anyServer();
        await scontrol('suspend', job_id);
        await pause(random(5_000));
        await scontrol('resume', job_id);
      },
    },
    { name: 'server killed', act: async () => signalServer('KILL', await anyServer()) },
    { name: 'server wedged', act: async () => signalServer('STOP', await anyServer()) },
  ];
}

function nodeFaults({ anyServer, lab, scancel, scontrol, resumeNode, pause, random, live }: Ground): Fault[] {
  const all = lab.nodes.map(({ name }) => name);
  return [
    {
      name: 'node drained, its job cancelled',
      act: async () => {
        const { node, job_id } = await anyServer();
        await scontrol('update', `nodename=${node}`, 'state=drain', 'reason=test');
        await scancel(job_id);
        await pause(random(3_000));
        await resumeNode(node);
      },
    },
    {
      name: 'node down',
      act: async () => {
        const { node } = await anyServer();
        await scontrol('update', `nodename=${node}`, 'state=down', 'reason=test');
        await pause(random(3_000));
        await resumeNode(node);
      },
    },
    {
      name: 'node without power',
      act: async () => {
        const { node } = await anyServer();
        await lab.crash(node);
        await pause(random(5_000));
        await lab.boot(node);
        await lab.ready();
      },
    },
    {
      name: 'slurmd killed under a job',
      act: async () => {
        const { node, job_id } = await anyServer();
        await lab.slurmd(node).kill('SIGKILL');
        await scancel(job_id);
        await pause(random(2_000));
        await lab.slurmd(node).start();
        await resumeNode(node);
      },
    },
    {
      name: 'nodes out of reach',
      act: async () => {
        const before = JSON.stringify(await live());
        await Promise.all(all.map((node) => lab.reach(node, false)));
        await pause(CUT_MS);
        const after = JSON.stringify(await live());
        await Promise.all(all.map((node) => lab.reach(node, true)));
        if (after !== before) throw new Error(`${before} became ${after} while out of reach`);
      },
    },
  ];
}

function keeperFaults(ground: Ground): Fault[] {
  const { anyServer, scancel, signalKeeper, keepAgain, secondKeeper, deploy, pause, random } = ground;
  const { controller, ready } = ground.lab;
  const refilling = async () => {
    await scancel((await anyServer()).job_id);
    await pause(random(8_000));
  };
  const stopController = async (ms: number) => {
    await controller.kill('SIGTERM');
    await pause(ms);
    await controller.start();
    await ready();
  };
  return [
    { name: 'keeper killed', act: () => signalKeeper('KILL').then(keepAgain) },
    {
      name: 'keeper killed while it refills',
      act: async () => {
        await refilling();
        await signalKeeper('KILL');
        await keepAgain();
      },
    },
    {
      name: 'a second keeper',
      act: async () => {
        const code = await secondKeeper();
        if (code !== 8) throw new Error(`a second keeper ended with ${code}`);
      },
    },
    {
      name: 'keeper suspended, and a deploy goes on without it',
      act: async () => {
        await refilling();
        const suspended = await signalKeeper('STOP');
        await deploy();
        await signalKeeper('CONT', suspended);
      },
    },
    { name: 'controller away for a minute', act: () => stopController(MINUTE) },
    { name: 'controller away while it refills', act: () => refilling().then(() => stopController(8_000)) },
    {
      name: 'controller hangs while it refills',
      act: async () => {
        await scancel((await anyServer()).job_id);
        await pause(random(8_000));
        controller.freeze();
        await pause(25_000);
        controller.thaw();
      },
    },
  ];
}

function otherCommands({ wanted, well, deploy, random }: Ground): Fault[] {
  return [
    { name: 'deploy beside the keeper', act: () => deploy() },
    {
      name: 'another spec',
      act: () => {
        wanted.spec += 1;
        return deploy();
      },
    },
    { name: 'renew', act: () => well('renew', '--yes') },
    {
      name: 'scale',
      act: () => {
        wanted.nodes = wanted.nodes === 3 ? 2 + 2 * random(2) : 3;
        return well('scale', String(wanted.nodes), '--yes');
      },
    },
  ];
}
