import type { Verb } from './verb.js';
import { DEPLOY_VERBS } from './verbs/deploy.js';
import { INSPECT_VERBS } from './verbs/inspect.js';
import { moreVerbs } from './verbs/more.js';
import { RUN_VERBS } from './verbs/run.js';
import { SERVER_VERBS } from './verbs/servers.js';

const BY_GROUP = {
  Deploy: DEPLOY_VERBS,
  Inspect: INSPECT_VERBS,
  Run: RUN_VERBS,
  Servers: SERVER_VERBS,
  More: moreVerbs(() => VERBS),
};

/** Every command, in the order of the help. Each loads its code only when it is called. */
export const VERBS: readonly Verb[] = Object.entries(BY_GROUP).flatMap(([group, verbs]) =>
  verbs.map((verb) => ({ ...verb, group })),
);
