import mongoose from 'mongoose';
import { timed } from './measure.js';
import { articles, emptied } from './texts.js';
import { withDatabase } from '../spec/support/mongodb/uri.js';

/** A process for one way, which sends its time, and its highest resident memory above that at rest. */
async function main(): Promise<void> {
  const [way, uri, dbName, root] = process.argv.slice(2) as [string, string, string, string];
  await mongoose.connect(withDatabase(uri, dbName));
  const model = await articles(root);
  const atRest = process.memoryUsage().rss;
  const ms = await timed(() => emptied(model, way === 'none'));
  process.send!({ ms, bytes: process.resourceUsage().maxRSS * 1024 - atRest });
  await mongoose.disconnect();
  process.disconnect();
}

void main();
