import { spawnSync } from 'node:child_process';

/** `npm audit` of what users install. Where the registry answers no audits that is said, and is no failure. */
const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--no-workspaces', '--json'], {
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
const { metadata } = JSON.parse(stdout || '{}') as {
  metadata?: { vulnerabilities: { total: number } };
};
if (!metadata) console.log('npm audit: this registry answers no audits, nothing was checked');
else if (metadata.vulnerabilities.total === 0)
  console.log('npm audit: nothing is known against what is published');
else {
  console.error(stdout);
  process.exitCode = 1;
}
