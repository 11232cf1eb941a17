import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { hostsOf } from './uri.js';

/** What MongoDB can and another engine, an older version or another setting of the server cannot. */
const ABILITIES = [
  'transactions',
  'fail points',
  'collations',
  'sorted updates',
  'updates by pipelines',
  'projections into nested arrays',
  'views',
  'code with scope',
] as const;

export type Ability = (typeof ABILITIES)[number];

let known: Partial<Record<Ability, boolean>> | undefined;

/** Whether the MongoDB of this run can do something. One that the specs start themselves can do everything. */
export function has(ability: Ability): boolean {
  const uri = process.env['MONGODB_URI'];
  if (!uri || process.env['MONGODB'] === 'stand-in') return true;
  known ??= abilitiesOf(uri);
  return known[ability] === true;
}

/** What of it is missing, for the title of a spec that is skipped. */
export function missing(needed: readonly Ability[]): readonly Ability[] {
  return needed.filter((ability) => !has(ability));
}

/** All of it that is missing. */
export function lackingAbilities(): readonly Ability[] {
  return missing(ABILITIES);
}

/** Asks the server itself, since engines give whatever version lets drivers in. */
export function abilitiesOf(uri: string): Partial<Record<Ability, boolean>> {
  const child = path.join(__dirname, 'abilities-child.cjs');
  const database = `mongoose-image-cleanup-${randomBytes(4).toString('hex')}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, database], {
    encoding: 'utf8',
    env: { ...process.env, MONGODB_URI: uri },
  });
  if (status !== 0) throw new Error(`The server of MONGODB_URI at ${hostsOf(uri)}: ${stderr}`);
  return JSON.parse(stdout) as Partial<Record<Ability, boolean>>;
}
