import mongoose from 'mongoose';
import { plainModel, pluggedModel } from './setting.js';
import { byHand, withPlugin } from './ways.js';
import { withDatabase } from '../spec/support/mongodb/uri.js';

/** A process for one way, which sends the bytes of its highest resident memory above those at rest. */
async function main(): Promise<void> {
  const [way, uri, dbName, root] = process.argv.slice(2) as [string, string, string, string];
  await mongoose.connect(withDatabase(uri, dbName));
  const model = way === 'byHand' ? await plainModel() : await pluggedModel(root);
  const atRest = process.memoryUsage().rss;
  await (way === 'byHand' ? byHand(model, root) : withPlugin(model));
  process.send!(process.resourceUsage().maxRSS * 1024 - atRest);
  await mongoose.disconnect();
  process.disconnect();
}

void main();
