/** The same server, a database with more in its name. */
export function otherDatabase(uri: string, suffix: number | string): string {
  const url = new URL(uri);
  url.pathname = `${url.pathname}_${String(suffix)}`;
  return url.href;
}
