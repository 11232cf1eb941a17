import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const MOCHA = require.resolve('mocha/bin/mocha.js');
/** What holds of every server; specs of the local one skip themselves elsewhere. */
export const SPECS = ['spec/providers/s3/**/*.spec.ts', 'spec/support/s3/**/*.spec.ts'];
/** Titles of what asks for faults, refusals to the letter or a look inside, which only the local server offers. */
const OF_LOCAL = /\blocal S3\b|needs the local server/;

interface Told {
  readonly fullTitle: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
}

/** What mocha told of a run. */
export interface Specs {
  readonly passed: number;
  readonly failures: readonly Told[];
  /** Skipped as only the local server can be asked so. */
  readonly ofLocal: number;
  /** Titles of what else was skipped. */
  readonly skipped: readonly string[];
}

/** Runs the specs of the provider and of its server in a process of its own. */
export async function runSpecs(env: Readonly<Record<string, string>>): Promise<Specs> {
  const folder = await mkdtemp(path.join(tmpdir(), 's3-specs-'));
  try {
    const output = path.join(folder, 'told.json');
    const args = [MOCHA, '--reporter', 'json', '--reporter-option', `output=${output}`, ...SPECS];
    const stdio = ['ignore', 'ignore', 'inherit'] as const;
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: [...stdio] });
    const [code] = (await once(child, 'exit')) as [number | null];
    const text = await readFile(output, 'utf8').catch(() => null);
    if (text === null) throw new Error(`mocha ended with ${String(code)} and told nothing`);
    return specsOf(JSON.parse(text) as Record<'passes' | 'failures' | 'pending', Told[]>);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function specsOf({ passes, failures, pending }: Record<'passes' | 'failures' | 'pending', Told[]>): Specs {
  const others = pending.filter(({ fullTitle }) => !OF_LOCAL.test(fullTitle));
  return {
    passed: passes.length,
    failures,
    ofLocal: pending.length - others.length,
    skipped: others.map(({ fullTitle }) => fullTitle),
  };
}

/** The figures, what was skipped by name, and what failed. */
export function reportOf(title: string, { passed, failures, ofLocal, skipped }: Specs): string {
  return [
    `${title}: ${String(passed)} passed, ${String(failures.length)} failed, ${String(ofLocal + skipped.length)} skipped ` +
      `(${String(ofLocal)} that only the local server can be asked, ${String(skipped.length)} that this one does not do)`,
    ...skipped.map((one) => `  skipped: ${one}`),
    ...failures.map(({ fullTitle, err }) => `  FAILED: ${fullTitle}\n${err?.stack ?? err?.message ?? ''}`),
  ].join('\n');
}
