import { SandboxctlError } from '../../errors.js';

/** Throws kind `usage`. */
export function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' && url.search === '' && url.username === '') {
    return `http://${url.host}${url.pathname.replace(/\/+$/, '').replace(/\/run_code$/, '')}`;
  }
  throw new SandboxctlError('usage', {
    what: `invalid server URL: ${text}`,
    hint: '--endpoint takes a URL such as http://node1:8080',
  });
}
