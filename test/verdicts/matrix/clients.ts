import { SandboxClient } from '../../../src/client/index.js';
import { pythonModule } from '../../client/python/module.js';
import { asServer, guideExec } from '../../gateway/clients/guide.js';
import { post, type Ran } from '../../gateway/clients/post.js';
import { rollCase } from '../../gateway/clients/roll.js';
import { sdkRunCode } from '../../gateway/clients/sdk.js';
import { tinkerRun } from '../../gateway/clients/tinker.js';
import { verlCase } from '../../gateway/clients/verl.js';

/**
 * What a client makes of a correct program: `right`; `masked`, an error that no score is made of; `wrong`, as if the
 * program were; `stuck`, nothing for ever.
 */
export type Told = 'right' | 'masked' | 'wrong' | 'stuck';

export interface Target {
  urls: readonly string[];
  isGateway: boolean;
  /** Seconds that a program may run, where the client lets its caller say so. */
  timeout: number;
}

export interface Client {
  name: string;
  /** Whether it takes a list of servers, and not one URL alone. */
  takesList: boolean;
  /** How many times faster than the machine's its clock is, and so that of the gateway. */
  scale: number;
  /** Why its code takes a failure of the sandbox for a wrong program; null: it tells them apart. */
  confuses: string | null;
  judgeAll(target: Target, codes: readonly Program[], atOnce: number): Promise<Told[]>;
}

export interface Program {
  code: string;
  prints: string;
}

type Judge = (urls: readonly [string, ...string[]], program: Program, timeout: number) => Promise<Told>;

const SCALE = 5;
/** Longer than any client waits that has a limit of its own but tinker-cookbook's 6,000 s. */
const FOR_EVER_MS = 300_000;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms / SCALE));
const toldBy = (isRight: boolean): Told => (isRight ? 'right' : 'wrong');

/** A client that a function replays, for each program by itself. */
function replay(parts: Omit<Client, 'judgeAll'> & { judge: Judge }): Client {
  const { judge, ...client } = parts;
  const judgeAll: Client['judgeAll'] = async ({ urls, timeout }, programs, atOnce) => {
    const told: Told[] = [];
    const queue = programs.entries();
    const worker = async () => {
      for (const [at, program] of queue)
        told[at] = await judge(urls as [string, ...string[]], program, timeout);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return told;
  };
  return { ...client, judgeAll };
}

const guide: Client = replay({
  name: 'Reasoning360',
  takesList: true,
  // It waits two seconds beyond the program's time: faster, and those are too short for a busy machine.
  scale: 1,
  confuses: 'it returns False for both',
  judge: async (urls, { code, prints }, timeout) => {
    const [ok, text] = await guideExec(urls.map(asServer), code, timeout);
    return toldBy(ok && text.trim() === prints);
  },
});

const sr2am: Client = replay({
  name: 'SR2AM',
  takesList: true,
  scale: 1,
  confuses: 'it returns False for both',
  judge: async (urls, { code, prints }, timeout) => {
    // It shuffles them for each program.
    const turned = Number(prints) % 2 === 0 ? urls : urls.toReversed();
    const [ok, text] = await guideExec(turned.map(asServer), code, timeout, {
      headers: { accept: '*/*', 'user-agent': 'Python/3.12 aiohttp/3.13.3' },
    });
    return toldBy(ok && text.trim() === prints);
  },
});

const verl: Client = replay({
  name: 'verl',
  takesList: false,
  scale: SCALE,
  confuses: 'it scores -1 as 0.0',
  judge: async ([url], { code, prints }) =>
    toldBy((await verlCase(url, { code, expected: prints, scale: SCALE }, sleep)) === true),
});

const skyrl: Client = replay({
  name: 'SkyRL-agent',
  takesList: false,
  scale: SCALE,
  confuses: 'it tells the model "no stdout here"',
  judge: async ([url], { code, prints }) => {
    const asked = { code, expected: prints, compileTimeout: 30, runTimeout: 30, scale: SCALE };
    return toldBy((await verlCase(`${url}/run_code`, asked, sleep)) === true);
  },
});

const sdk: Client = replay({
  name: 'SDK',
  takesList: false,
  // Five tries, each as long as the gateway lets it wait.
  scale: 2 * SCALE,
  confuses: null,
  judge: async ([url], { code, prints }) => {
    const asked = sdkRunCode(url, code, (ms) => sleep(ms / 2)).catch(() => undefined);
    const ran = await Promise.race([asked, sleep(FOR_EVER_MS).then(() => 'stuck' as const)]);
    if (ran === 'stuck') return ran;
    return ran === undefined ? 'masked' : toldBy(isRight(ran, prints));
  },
});

const tinker: Client = replay({
  name: 'tinker-cookbook',
  takesList: false,
  scale: SCALE,
  confuses: 'it returns False for both',
  judge: async ([url], { code }, timeout) => {
    const asked = tinkerRun(url, code, timeout, SCALE).then(toldBy);
    return Promise.race([asked, sleep(FOR_EVER_MS).then((): Told => 'stuck')]);
  },
});

const roll: Client = replay({
  name: 'ROLL',
  takesList: false,
  scale: SCALE,
  confuses: 'a case without an answer scores -1',
  judge: async ([url], { code, prints }) =>
    toldBy(await rollCase(url, { code, expected: prints }, sleep, SCALE)),
});

/** Somebody who reads the status and the answer, as docs/api.md has it, and asks once. */
const curl: Client = replay({
  name: 'curl',
  takesList: false,
  scale: 1,
  confuses: null,
  judge: async ([url], { code, prints }, timeout) => {
    const body = { code, language: 'python', run_timeout: timeout };
    const answer = await post(`${url}/run_code`, body, (timeout + 2) * 1000, { accept: '*/*' }).catch(
      () => undefined,
    );
    if (answer?.status !== 200) return 'masked';
    try {
      const ran = JSON.parse(answer.text) as Ran;
      return ran.status === 'SandboxError' ? 'masked' : toldBy(isRight(ran, prints));
    } catch {
      return 'masked';
    }
  },
});

const isRight = ({ status, run_result: run }: Ran, prints: string) =>
  status === 'Success' && run?.stdout?.trim() === prints;

/** Milliseconds beyond a program's time that ours wait for one attempt. */
const PATIENCE_MS = 2_000;

const typescript: Client = {
  name: 'TypeScript',
  takesList: true,
  scale: 1,
  confuses: null,
  judgeAll: async ({ urls, timeout }, programs, atOnce) => {
    const client = new SandboxClient({ endpoints: urls });
    const requests = programs.map(({ code }) => ({ code, language: 'python', run_timeout: timeout }));
    const options = { concurrency: atOnce, timeout: timeout * 1000 + PATIENCE_MS };
    const settled = await client.runBatch(requests, options);
    await client.close();
    return settled.map((each, at): Told => {
      if (!each.ok) return 'masked';
      return toldBy(each.value.code === 0 && `${each.value.stdout}`.trim() === programs[at]?.prints);
    });
  },
};

const python: Client = {
  name: 'Python',
  takesList: true,
  scale: 1,
  confuses: null,
  judgeAll: async ({ urls, isGateway, timeout }, programs, atOnce) => {
    const [url = ''] = urls;
    const gateway = { url, node: null, job_id: null, state: 'ready', auth: null } as const;
    const module = await pythonModule(urls, isGateway ? { gateway } : {});
    const samples = programs.map(({ code, prints }) => [code, prints]);
    const script = `
samples = [(code, [('', prints)]) for code, prints in json.loads(${JSON.stringify(JSON.stringify(samples))})]
options = dict(timeout=${timeout}, compile_timeout=0, patience=${PATIENCE_MS / 1000})
show([v.reward for v in judge_many(samples, ${atOnce}, **options)])`;
    const rewards = await module.python<(number | null)[]>(script).finally(() => module.remove());
    return rewards.map((reward) => (reward === null ? 'masked' : toldBy(reward === 1)));
  },
};

export const CLIENTS: readonly Client[] = [
  ...[guide, sr2am, verl, skyrl, sdk, tinker, roll, curl],
  ...[typescript, python],
];
