import { parseArgs } from 'node:util';
import { FEATURES, s3At, startS3, type Feature } from '../spec/support/s3/index.js';
import { CREDENTIALS, find, OTHERS, start, type OtherServer } from './s3/other-servers.js';
import { reportOf, runSpecs } from './s3/specs.js';
import { measure, tableOf, writeTable, type Column } from './s3/table.js';

const REGION = 'us-east-1';

/**
 * `npm run s3:compare [-- --only moto] [--table] [--write]`: the specs of the S3 provider and of its server on each S3 of others that this
 * machine has. `--table` shows what the servers do in different ways, instead of running specs; `--write` puts it into docs/s3-servers.md.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, table: { type: 'boolean' }, write: { type: 'boolean' } },
  });
  const wanted = OTHERS.filter(({ name }) => values.only === undefined || name === values.only);
  if (wanted.length === 0)
    throw new Error(
      `no server "${String(values.only)}"; there are: ${OTHERS.map(({ name }) => name).join(', ')}`,
    );
  const columns: Column[] = values.table || values.write ? [await measureLocal()] : [];
  let compared = 0;
  for (const server of wanted) {
    const program = await find(server);
    if (program === null) {
      console.log(`${server.name}: not on this machine. To have it: ${server.install}`);
      continue;
    }
    compared++;
    const column = await compare(server, program, columns.length > 0);
    if (column !== null) columns.push(column);
  }
  if (columns.length > 0) {
    const table = await tableOf(columns);
    console.log(table);
    if (values.write && compared < OTHERS.length)
      throw new Error('a table without all servers is not written');
    if (values.write) await writeTable(table);
  }
  if (compared > 0) return;
  console.log('Nothing was compared: this machine has no S3 but the local one.');
  process.exitCode = 1;
}

async function measureLocal(): Promise<Column> {
  const { endpoint, region, credentials, stop } = await startS3();
  const column = await measure('local', { endpoint, region, credentials });
  await stop();
  return column;
}

/** Runs the specs on a server, or looks at what it does. */
async function compare(server: OtherServer, program: string, look: boolean): Promise<Column | null> {
  const { endpoint, version, stop } = await start(server, program);
  const title = `${server.name} ${version}`;
  try {
    if (look) return await measure(title, { endpoint, region: REGION, credentials: CREDENTIALS });
    console.log(`${title} does not do: ${(await lacking(endpoint)).join(', ') || 'nothing is missing'}`);
    const specs = await runSpecs(environmentOf(endpoint));
    console.log(reportOf(title, specs), '\n');
    if (specs.passed === 0 || specs.failures.length > 0) process.exitCode = 1;
    return null;
  } finally {
    await stop();
  }
}

/** What of AWS a server lacks, by asking it. */
async function lacking(endpoint: string): Promise<Feature[]> {
  const s3 = s3At({ endpoint, region: REGION, credentials: CREDENTIALS });
  const found: Feature[] = [];
  for (const feature of Object.keys(FEATURES) as Feature[]) {
    if (await s3.lacks(feature)) found.push(feature);
  }
  await s3.stop();
  return found;
}

function environmentOf(endpoint: string): Record<string, string> {
  return {
    S3_ENDPOINT: endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
