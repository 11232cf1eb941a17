import type { Requirement, TestCase, TestFile } from './test-file.js';

export interface ServerFacts {
  version: string;
  topology: string;
}

/** Why a test does not fit this server, in the words of the test file; nothing if it fits. */
export function unmetRequirement(file: TestFile, test: TestCase, server: ServerFacts): string | undefined {
  for (const requirements of [file.runOnRequirements, test.runOnRequirements]) {
    if (!requirements) continue;
    const reasons = requirements.map((requirement) => unmet(requirement, server));
    if (reasons.every((reason) => reason !== undefined)) return [...new Set(reasons)].join(', or ');
  }
  return undefined;
}

function unmet(requirement: Requirement, { version, topology }: ServerFacts): string | undefined {
  const { minServerVersion, maxServerVersion, topologies, auth, serverless, csfle } = requirement;
  if (topologies && !topologies.includes(topology)) return `requires topology ${topologies.join('/')}`;
  if (minServerVersion && compareVersions(version, minServerVersion) < 0) {
    return `requires MongoDB ${minServerVersion} or later`;
  }
  if (maxServerVersion && compareVersions(version, maxServerVersion) > 0) {
    return `requires MongoDB ${maxServerVersion} or earlier`;
  }
  if (auth === true) return 'requires authentication';
  if (serverless === 'require') return 'requires a serverless instance';
  return csfle ? 'requires client-side encryption' : undefined;
}

function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (x![i] ?? 0) - (y![i] ?? 0);
    if (difference) return difference;
  }
  return 0;
}
