/** @throws TypeError that names the option, what was given, what is allowed and what to do. */
export function refuse(name: string, given: unknown, allowed: string, advice = adviceFor(name)): never {
  throw new TypeError(
    `imageCleanup: the option "${name}" is ${describe(given)}; allowed: ${allowed}; ${advice}`,
  );
}

/** @throws TypeError that names what is unknown, what is known and what may have been meant. */
export function refuseUnknown(what: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const meant = known.find((name) => areAlike(name.toLowerCase(), unknown.toLowerCase()));
  const advice = meant === undefined ? 'take it out' : `write "${meant}"`;
  throw new TypeError(
    `imageCleanup: unknown ${what} "${unknown}"; known are: ${known.join(', ')}; ${advice}`,
  );
}

export function oneOf<T extends string>(name: string, given: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(given as T)) refuse(name, given, allowed.map((one) => `'${one}'`).join(', '));
  return given as T;
}

export function positiveNumber(name: string, given: unknown): number {
  if (typeof given !== 'number' || !Number.isFinite(given) || given < 1) {
    refuse(name, given, 'a finite number of at least 1');
  }
  return given;
}

export function optionalFunction<F>(name: string, given: F, allowed = 'a function'): F {
  if (given !== undefined && typeof given !== 'function') refuse(name, given, allowed);
  return given;
}

export function isPlainObject(one: unknown): one is Record<string, unknown> {
  return typeof one === 'object' && one !== null && !Array.isArray(one);
}

function adviceFor(name: string): string {
  return name === 'options' ? "write { fields: ['image'] }" : 'correct it, or leave it out for the default';
}

function areAlike(one: string, other: string): boolean {
  return (
    one.startsWith(other) || other.startsWith(one) || [...one].sort().join() === [...other].sort().join()
  );
}

function describe(given: unknown): string {
  if (typeof given === 'string') return `'${given.slice(0, 60)}'`;
  if (typeof given === 'function') return 'a function';
  if (Array.isArray(given)) return given.length === 0 ? 'an empty array' : 'an array with other content';
  return typeof given === 'object' && given !== null ? 'an object' : String(given);
}
