/** `npm run sweep-picture`: `docs/images/sweep.svg`, what the command `sweep` writes in a dry run over a sample folder. */
import fse from 'fs-extra';
import path from 'node:path';
import { startMongoDB } from '../../spec/support/mongodb/index.js';
import { sweepPicture } from './sample-sweep.js';

async function main(): Promise<void> {
  const mongodb = await startMongoDB();
  try {
    const svg = await sweepPicture(mongodb.uri);
    await fse.writeFile(path.join(__dirname, '../../docs/images/sweep.svg'), svg);
    console.log(`docs/images/sweep.svg  ${(svg.length / 1000).toFixed(1)} kB`);
  } finally {
    await mongodb.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
