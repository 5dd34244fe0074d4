/** Not posix.resolve: its time grows with the square of a path's length. */
export function resolvePath(path: string, folder: string): string {
  const parts = path.startsWith('/') ? [] : folder.slice(1).split('/');
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
