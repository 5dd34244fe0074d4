export { default } from 'handlebars';
