import { asUser, newUser } from './as-root.js';
import { wall } from './wall/wall.js';

wall({ as: asUser(newUser()), by: 'bwrap', warm: true });
