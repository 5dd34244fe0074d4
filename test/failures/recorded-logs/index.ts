import { CHECKOUT_LOGS } from './checkout.js';
import { CONTAINER_LOGS } from './containers.js';
import { JOB_END_LOGS } from './job-ends.js';
import { SERVER_LOGS } from './server.js';

export const RECORDED = [...CONTAINER_LOGS, ...SERVER_LOGS, ...CHECKOUT_LOGS, ...JOB_END_LOGS];
