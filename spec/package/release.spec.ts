import { expect } from 'chai';
import { canPublish, problemsOf, releaseOf, type Release } from '../../scripts/package/release.js';

const SECTIONS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];

describe('a release', () => {
  let release: Release;
  before(async () => {
    release = await releaseOf('v0.0.0');
    release = { ...release, tag: `v${release.version}` };
  });

  it('is of one version in package.json, package-lock.json and CHANGELOG.md', () => {
    expect(problemsOf(release)).to.deep.equal([]);
  });

  it('has a changelog with the sections of Keep a Changelog alone', () => {
    const found = [...release.changelog.matchAll(/^### (.*)$/gm)].map(([, name]) => name);
    expect(found.filter((name) => !SECTIONS.includes(name!))).to.deep.equal([]);
  });

  const wrong: Record<string, [(one: Release) => Partial<Release>, RegExp]> = {
    'another tag': [() => ({ tag: 'v9.9.9' }), /The tag is v9\.9\.9/],
    'a tag without its letter': [({ version }) => ({ tag: version }), /The tag is/],
    'an old lock file': [
      ({ version }) => ({ locked: [version, '0.0.1'] }),
      /package-lock\.json has the version 0\.0\.1/,
    ],
    'no section of its own': [
      ({ version, changelog }) => ({ changelog: changelog.replaceAll(`[${version}]`, '[9.9.9]') }),
      /has no section/,
    ],
    'nothing for what comes next': [
      ({ changelog }) => ({ changelog: changelog.replaceAll('[Unreleased]', '[Next]') }),
      /does not begin with \[Unreleased\]/,
    ],
    'no link': [
      ({ version, changelog }) => ({ changelog: changelog.replace(`\n[${version}]: `, '\n') }),
      /has no link for/,
    ],
    'no date': [
      ({ changelog }) => ({ changelog: changelog.replace(/ - \d{4}-\d\d-\d\d$/m, '') }),
      /has no date/,
    ],
  };
  for (const [name, [change, problem]] of Object.entries(wrong)) {
    it(`with ${name} is refused`, () => {
      expect(problemsOf({ ...release, ...change(release) }).join('\n')).to.match(problem);
    });
  }

  it('is published by an npm that needs no token', () => {
    for (const version of ['11.5.1', '11.6.0', '11.19.1', '12.0.0'])
      expect(canPublish(version), version).to.equal(true);
    for (const version of ['10.9.2', '11.3.0', '11.5.0'])
      expect(canPublish(version), version).to.equal(false);
  });
});
