import { SandboxctlError } from '../../errors.js';

/** People write the URL with a slash at its end, or with the path that verl wants. Throws kind `usage`. */
export function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' && url.search === '' && url.username === '') {
    return `http://${url.host}${url.pathname.replace(/\/+$/, '').replace(/\/run_code$/, '')}`;
  }
  throw new SandboxctlError('usage', {
    what: `not the URL of a server: ${text}`,
    hint: '--endpoint takes a URL such as http://node1:8080',
  });
}
