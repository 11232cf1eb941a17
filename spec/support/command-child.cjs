/* global process, require */
/* eslint-disable @typescript-eslint/no-require-imports */
'use strict';

/**
 * Runs commands one after the other in one process, since to load Mongoose takes longer than most commands do. Each
 * command runs in a folder of its own with the app's models files, which are thereby loaded anew, and finds no models and
 * no connections of the command before.
 */
const { copyFileSync, mkdirSync, readdirSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

const app = process.cwd();
const requireInApp = createRequire(path.join(app, 'app.cjs'));
const mongoose = requireInApp('mongoose');
const { main } = requireInApp(path.join(app, 'node_modules/mongoose-image-cleanup/dist/cjs/cli/main.js'));
let commands = 0;

process.on('message', async (args) => {
  const written = { out: '', err: '' };
  const [stdout, stderr] = [collecting('stdout', 'out', written), collecting('stderr', 'err', written)];
  enterFolder(path.join(app, `command-${++commands}`));
  const code = await main(args, { stdout, stderr, onInterrupt: () => () => undefined });
  await mongoose.disconnect();
  mongoose.deleteModel(/./);
  for (const { restore } of [stdout, stderr]) restore();
  process.send({ code, ...written });
});

/** What others write to the stream belongs to the output, too: a logger, a warning of Node. */
function collecting(name, part, written) {
  const stream = process[name];
  const { write } = stream;
  stream.write = (text) => {
    written[part] += String(text);
    return true;
  };
  return { write: stream.write, restore: () => (stream.write = write) };
}

function enterFolder(folder) {
  mkdirSync(folder);
  for (const name of readdirSync(app))
    if (name.endsWith('.cjs')) copyFileSync(path.join(app, name), path.join(folder, name));
  process.chdir(folder);
}
