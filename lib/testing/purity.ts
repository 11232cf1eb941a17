import { serialize } from 'node:v8';
import type { StorageProvider } from '../providers/provider.js';

/** The answers of a provider about a value. Whether they throw is another rule. */
export function saidAbout(provider: StorageProvider, value: unknown): unknown {
  try {
    return answers(provider, value);
  } catch {
    return 'it threw';
  }
}

/** The answers of a provider about a value that need no access to its storage. */
export function answers(provider: StorageProvider, value: unknown): unknown[] {
  return [provider.identify(value), provider.refusal?.(value), provider.possible?.(value)];
}

/** A representation of a plain value, for comparison; `null` if it has none. */
export function imageOf(value: unknown): string | null {
  try {
    return serialize(value).toString('latin1');
  } catch {
    return null;
  }
}

/** Runs a function and returns where it wrote to: console, standard output or error, warnings; `null` if nowhere. */
export function output(run: () => void): string | null {
  let said: string | null = null;
  const places: [target: object, name: string][] = [
    ...(['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'].map((name) => [console, name]) as [
      object,
      string,
    ][]),
    [process.stdout, 'write'],
    [process.stderr, 'write'],
    [process, 'emitWarning'],
  ];
  const restore = places.map(([target, name]) => {
    const before = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, {
      configurable: true,
      writable: true,
      value: () => void (said ??= name),
    });
    return () => {
      if (before) Object.defineProperty(target, name, before);
      else Reflect.deleteProperty(target, name);
    };
  });
  try {
    run();
  } finally {
    restore.forEach((one) => one());
  }
  return said;
}
