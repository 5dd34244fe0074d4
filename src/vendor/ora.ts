export { default } from 'ora';
