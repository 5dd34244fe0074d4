import { wall } from './wall/wall.js';

wall({ as: ['setpriv', '--reuid=61234', '--regid=61234', '--clear-groups'], by: 'unshare' });
