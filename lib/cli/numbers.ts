const WHOLE = new Intl.NumberFormat('en-US');

/** `1,234,567` */
export function count(number: number): string {
  return WHOLE.format(Math.round(number));
}

/** `1 file`, `2 files` */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `12.3 MB`, in steps of 1000. */
export function bytes(number: number): string {
  let [value, unit] = [number, 0];
  while (value >= 999.95 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? count(value) : value.toFixed(1)} ${UNITS[unit]!}`;
}

/** `850 ms`, `12 s`, `3 min 20 s`, `2 h 05 min` */
export function duration(ms: number): string {
  if (ms < 1000) return `${String(Math.round(ms))} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(seconds % 60)} s`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A name as one line: quoted if it contains control characters. */
export function oneLine(name: string): string {
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f\u0080-\u009f\u2028\u2029\u202a-\u202e]/.test(name)
    ? JSON.stringify(name)
    : name;
}
