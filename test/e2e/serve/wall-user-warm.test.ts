import { asUser } from './as-root.js';
import { wall } from './wall/wall.js';

wall({ as: asUser(61_234), by: 'bwrap', warm: true });
