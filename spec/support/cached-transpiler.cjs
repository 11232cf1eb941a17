/* global __dirname, exports, process, require */
/* eslint-disable @typescript-eslint/no-require-imports */
'use strict';

/**
 * A transpiler for ts-node with a memory: ts-node itself compiles every file anew in every run, which for the specs
 * and their support takes longer than most specs do. What was compiled is kept under node_modules/.cache.
 */
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const ts = require('typescript');

const directory = join(__dirname, '../../node_modules/.cache/cached-transpiler');

exports.create = ({ service: { config } }) => ({
  transpile(source, { fileName }) {
    const options = { fileName, compilerOptions: config.options, reportDiagnostics: true };
    const hash = createHash('sha256').update(JSON.stringify([ts.version, options, source]));
    const path = join(directory, `${hash.digest('hex')}.json`);
    try {
      return JSON.parse(readFileSync(path, 'utf8'));
    } catch {
      const { outputText, sourceMapText, diagnostics } = ts.transpileModule(source, options);
      // What has a syntax error is told anew each time.
      if (diagnostics.length === 0) store(path, JSON.stringify({ outputText, sourceMapText }));
      return { outputText, sourceMapText, diagnostics };
    }
  },
});

/** Written beside and renamed: another run may read at the same moment. */
function store(path, text) {
  const beside = `${path}.${process.pid}`;
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(beside, text);
    renameSync(beside, path);
  } catch {
    // Without a place to write to, it is only slower.
  }
}
