import { expect } from 'chai';
import fse from 'fs-extra';
import { localProvider } from '../../../lib/index.js';
import type { LocalProviderOptions } from '../../../lib/index.js';
import { isOfSystem } from '../../../lib/providers/local/wide-roots.js';
import { Uploads } from '../../support/uploads.js';
import { itIf } from '../../support/versions.js';

describe('roots that are refused', () => {
  for (const root of [
    ...[
      '/etc',
      '/etc/nginx',
      '/usr',
      '/usr/bin',
      '/usr/share/pixmaps',
      '/usr/local',
      '/usr/local/bin',
      '/usr/src',
    ],
    ...[
      '/bin',
      '/sbin',
      '/lib',
      '/lib64/x',
      '/proc/self',
      '/sys',
      '/dev',
      '/dev/shm',
      '/boot',
      '/run',
      '/run/user/0',
    ],
    ...[
      '/var',
      '/var/log',
      '/var/log/app',
      '/var/lib',
      '/var/www',
      '/var/www/html',
      '/var/run/app',
      '/opt',
      '/srv',
      '/home',
      '/root',
    ],
    ...[
      '/tmp',
      '/System/Library',
      '/Library',
      '/Applications',
      '/Users',
      '/private',
      '/private/etc',
      '/Volumes',
    ],
    ...[
      'C:\\Windows',
      'c:\\windows\\system32',
      'C:\\Program Files\\app',
      'C:\\Program Files (x86)',
      'D:\\Users',
    ],
    ...['C:\\Users\\me', 'C:\\ProgramData', 'C:\\$Recycle.Bin\\x'],
  ]) {
    it(`${root} is a folder of the system`, () => {
      expect(isOfSystem(root)).to.equal(true);
      if (!root.startsWith('/') || process.platform === 'win32') return;
      for (const given of [root, `${root}/`, `/data/..${root}`])
        expect(() => localProvider({ root: given }), given).to.throw(TypeError, /"root".*(system|home)/);
    });
  }

  for (const root of [
    ...[
      '/var/www/app/uploads',
      '/var/www/uploads',
      '/srv/app/uploads',
      '/srv/uploads',
      '/opt/app/uploads',
      '/data',
    ],
    ...[
      '/tmp/x',
      '/uploads',
      '/app/uploads',
      '/usr/src/app/uploads',
      '/usr/share/nginx/html/uploads',
      '/mnt',
      '/media',
    ],
    ...[
      '/home/me/app/uploads',
      '/root/app/uploads',
      '/var/lib/app/uploads',
      '/etcetera',
      '/usr2/uploads',
      '/runs',
    ],
    ...[
      '/Users/me/app/uploads',
      '/Volumes/disk/uploads',
      '/private/var/folders/x',
      '/var/tmp/x',
      '/run/media/me/disk',
    ],
    ...[
      'C:\\inetpub\\app\\uploads',
      'C:\\Users\\me\\app\\uploads',
      'C:\\ProgramData\\app\\uploads',
      'D:\\uploads',
    ],
  ]) {
    it(`${root} is a folder like any other`, () => {
      expect(isOfSystem(root)).to.equal(false);
      if (root.startsWith('/') && process.platform !== 'win32') localProvider({ root });
    });
  }

  describe('that are there', () => {
    let uploads: Uploads;
    beforeEach(async () => {
      uploads = await Uploads.create();
    });
    afterEach(async () => {
      await uploads.destroy();
    });

    for (const held of ['package.json', '.git/HEAD']) {
      it(`a folder that holds ${held} is a project`, async () => {
        await uploads.put(held);
        expect(() => localProvider({ root: uploads.root })).to.throw(TypeError, 'the folder of a project');
        await uploads.put(`sub/${held}`);
        await fse.remove(uploads.path(held.split('/')[0]!));
        localProvider({ root: uploads.root });
      });
    }

    itIf(process.platform !== 'win32')('a link to a folder of the system is that folder', async () => {
      const link = `${uploads.outside}/link`;
      await fse.symlink('/usr/bin', link);
      expect(() => localProvider({ root: link })).to.throw(
        TypeError,
        /leads to '.*bin' and is a folder of the operating system/,
      );
    });
  });

  it('an environment variable that is not set is no default', () => {
    expect(() => localProvider({ root: process.env['NO_SUCH_VARIABLE'] } as LocalProviderOptions)).to.throw(
      TypeError,
      /"root" is given but undefined, as with an unset environment variable.*leave the option out/,
    );
    expect(localProvider({}).name).to.equal('local');
  });
});

describe('the machine', () => {
  it('is a name that is not empty', () => {
    expect(localProvider({ machine: 'web-1' }).machine).to.equal('web-1');
    expect(localProvider()).to.not.have.property('machine');
    for (const machine of ['', 1, null, ['web-1']] as never[])
      expect(() => localProvider({ machine }), String(machine)).to.throw(
        TypeError,
        /"machine" is .*; allowed: a string that is not empty; give a name that stays with this machine/,
      );
  });

  it('an environment variable that is not set is no name', () => {
    const machine = process.env['NO_SUCH_VARIABLE'];
    expect(() => localProvider({ machine } as LocalProviderOptions)).to.throw(
      TypeError,
      /"machine" is given but undefined, as with an unset environment variable.*all machines share the folder/,
    );
  });
});

describe('hosts that are refused', () => {
  for (const host of [
    ...[
      '*',
      '*.example.com',
      'https://example.com',
      'http:',
      'https:example.com',
      'example.com/',
      'example.com/uploads',
    ],
    ...[
      'me@example.com',
      'example.com:port',
      'example.com:',
      'exa mple.com',
      '',
      '[::1',
      'example.com:99999',
      'a?b',
    ],
  ]) {
    it(`'${host}'`, () => {
      expect(() => localProvider({ hosts: ['example.com', host] })).to.throw(
        TypeError,
        new RegExp(`of which '${host.replace(/[.*?[\]]/g, '\\$&')}' is no host; allowed: .*list each host`),
      );
    });
  }

  for (const host of [
    'example.com',
    'EXAMPLE.com',
    'localhost:3000',
    '127.0.0.1',
    '[::1]:8080',
    'bücher.example',
    'my_host',
  ]) {
    it(`'${host}' is fine`, () => {
      const provider = localProvider({ hosts: [host] });
      for (const value of [
        `https://${host.toLowerCase()}/uploads/a.png`,
        `//${host.toLowerCase()}/uploads/a.png`,
      ])
        expect(provider.identify(value)?.key, value).to.match(/a\.png$/);
      expect(provider.possible!(`HTTP://${host}/uploads/a.png`)[0]?.key).to.match(/a\.png$/);
    });
  }

  it('whatever is no string is shown as what it is', () => {
    for (const [hosts, words] of [
      ['example.com', `is 'example.com'; allowed`],
      [[7], 'of which 7 is no host'],
      [[null], 'of which null is no host'],
      [{}, 'is an object; allowed'],
      [null, 'is null; allowed'],
    ] as const)
      expect(() => localProvider({ hosts: hosts as never })).to.throw(TypeError, words);
  });
});
