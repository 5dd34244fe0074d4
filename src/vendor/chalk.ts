export { Chalk, type ChalkInstance } from 'chalk';
