/** A connection string of MongoDB, which `URL` cannot read if it names several hosts. */
const CONNECTION_STRING =
  /^(?<scheme>mongodb(?:\+srv)?:\/\/)(?:(?<credentials>[^@/?]*)@)?(?<hosts>[^@/?]+)(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/;

interface Parts {
  readonly scheme: string;
  readonly credentials: string | undefined;
  readonly hosts: string;
  readonly database: string;
  readonly query: string;
}

function partsOf(uri: string): Parts {
  const groups = CONNECTION_STRING.exec(uri)?.groups;
  // it may hold a password, so that it is not repeated
  if (!groups)
    throw new Error('This is no connection string of MongoDB; it begins with mongodb:// and a host');
  const { scheme = '', credentials, hosts = '', database = '', query = '' } = groups;
  return { scheme, credentials, hosts, database, query };
}

/** The same servers, credentials and options, but another database. */
export function withDatabase(uri: string, name: string): string {
  const parts = partsOf(uri);
  const { scheme, credentials, hosts } = parts;
  const query = queryWithSource(parts);
  return `${scheme}${credentials === undefined ? '' : `${credentials}@`}${hosts}/${name}${query && `?${query}`}`;
}

/** The same, a database with more in its name. */
export function otherDatabase(uri: string, suffix: number | string): string {
  return withDatabase(uri, `${partsOf(uri).database}_${String(suffix)}`);
}

/** Without credentials, for people to read. */
export function hostsOf(uri: string): string {
  return partsOf(uri).hosts;
}

/** Where the user is known: the driver takes the database for it, which is about to change, unless the URI says more. */
function queryWithSource({ scheme, credentials, database, query }: Parts): string {
  const isDecided = /(?:^|&)(?:authSource|authMechanism)=/i.test(query);
  // with +srv, the DNS may say it, and the URI would come first
  if (credentials === undefined || isDecided || scheme !== 'mongodb://') return query;
  return [query, `authSource=${database || 'admin'}`].filter(Boolean).join('&');
}
