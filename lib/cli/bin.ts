#!/usr/bin/env node
import { main } from './main.js';

let interrupts = 0;

void main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  onInterrupt(listener) {
    const onSignal = (): void => {
      if (++interrupts > 1) process.exit(130);
      listener();
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
    return () => {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    };
  },
}).then((code) => {
  process.exitCode = code;
  // open handles of the models file must not keep the process alive; a pipe gets time to take the output
  process.stdout.write('', () => process.exit(code));
});
