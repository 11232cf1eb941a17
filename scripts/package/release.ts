/** `npm run release:check -- v0.2.0`: what must agree before a version is published; .github/workflows/publish.yml runs it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { npm, ROOT } from './pack.js';

export interface Release {
  /** The tag of the release, such as `v0.2.0`. */
  readonly tag: string;
  /** The version in package.json. */
  readonly version: string;
  /** The versions in package-lock.json: of the file and of the package. */
  readonly locked: readonly (string | undefined)[];
  /** The text of CHANGELOG.md. */
  readonly changelog: string;
}

/** Says what does not agree, one sentence each. */
export function problemsOf({ tag, version, locked, changelog }: Release): string[] {
  const problems: string[] = [];
  if (tag !== `v${version}`) problems.push(`The tag is ${tag}, and package.json has the version ${version}.`);
  for (const other of new Set(locked)) {
    if (other !== version)
      problems.push(`package-lock.json has the version ${String(other)}; run npm install.`);
  }
  const sections = [...changelog.matchAll(/^## \[([^\]]+)\](?: - (.*))?$/gm)].map(([, name, date]) => ({
    name,
    date,
  }));
  const [first, second] = sections;
  if (first?.name !== 'Unreleased') problems.push('CHANGELOG.md does not begin with [Unreleased].');
  if (second?.name !== version) problems.push(`CHANGELOG.md has no section [${version}] below [Unreleased].`);
  for (const { name = '', date } of sections) {
    if (!changelog.includes(`\n[${name}]: https://`))
      problems.push(`CHANGELOG.md has no link for [${name}] at its end.`);
    if (name !== 'Unreleased' && !/^\d{4}-\d\d-\d\d$/.test(date ?? ''))
      problems.push(`CHANGELOG.md has no date such as 2026-11-26 for [${name}].`);
  }
  return problems;
}

/** The oldest npm that publishes from a workflow without a token. */
const LOWEST_NPM = [11, 5, 1];

/** Is this npm able to publish from a workflow without a token? */
export function canPublish(version: string): boolean {
  const parts = version.split('.').map(Number);
  const index = LOWEST_NPM.findIndex((lowest, at) => parts[at] !== lowest);
  return index === -1 || parts[index]! > LOWEST_NPM[index]!;
}

export async function releaseOf(tag: string): Promise<Release> {
  const read = (name: string): Promise<string> => readFile(path.join(ROOT, name), 'utf8');
  const { version } = JSON.parse(await read('package.json')) as { version: string };
  const lock = JSON.parse(await read('package-lock.json')) as {
    version?: string;
    packages: Record<string, { version?: string }>;
  };
  return {
    tag,
    version,
    locked: [lock.version, lock.packages['']?.version],
    changelog: await read('CHANGELOG.md'),
  };
}

async function main(): Promise<void> {
  const problems = problemsOf(await releaseOf(process.argv[2] ?? ''));
  const own = (await npm(['--version'], ROOT)).trim();
  if (!canPublish(own))
    problems.push(`npm is ${own}; publishing from a workflow needs ${LOWEST_NPM.join('.')}.`);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  console.log('The tag, package.json, package-lock.json and CHANGELOG.md agree.');
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
