import fse from 'fs-extra';
import path from 'node:path';
import { localProvider } from '../../../lib/index.js';
import { providerContract } from '../../../lib/testing/index.js';
import { Uploads } from '../../support/uploads.js';
import { CONTRACT_RUNS } from '../../support/counts.js';

describe('the local provider', () => {
  let uploads: Uploads;
  const disk = fse as { unlink: unknown };
  const { unlink } = fse;

  providerContract('local', {
    runs: CONTRACT_RUNS,
    async create() {
      uploads = await Uploads.create();
      return localProvider({
        root: uploads.root,
        hosts: ['example.com'],
        derived: (name) => [`thumbs/${name}`, name.replace(/(\.\w+)?$/, '-400.webp')],
      });
    },
    async seed(_provider, label) {
      await uploads.put(label);
      return [
        ...[`/uploads/${label}`, label, `./${label}`, path.join(uploads.root, label)],
        ...[`/uploads/${label}?v=2`, `/uploads//${label}`, `//example.com/uploads/${label}`],
        ...[`https://example.com/uploads/${label}`, `http://example.com/uploads/${label}#x`],
        ...[
          { path: label, originalname: 'x.png' },
          { destination: uploads.root, filename: path.basename(label) },
        ].slice(0, label.includes('/') ? 1 : 2),
      ];
    },
    exists: (_provider, label) => fse.pathExists(path.join(uploads.root, label)),
    foreignValues: [
      ...[
        '',
        '/',
        '.',
        '..',
        '../pic',
        '/uploads',
        '/uploads/',
        '/uploads/../pic',
        '/uploads/%2e%2e/pic',
        '/etc/passwd',
      ],
      ...[
        'https://example.org/uploads/pic',
        'data:image/png;base64,AA==',
        'file:///etc/passwd',
        '//example.org/uploads/pic',
      ],
      { path: '/static/pic' },
      { filename: 'pic', originalname: 'pic' },
    ],
    foreignAssets: ['/uploads-old/pic', '/uploads/../pic', '/pic'].map((key) => ({
      provider: 'local',
      key: path.resolve('/') + key,
    })),
    // A disk that fails or hangs cannot be had otherwise: a specification may well run as root.
    fail: () => void (disk.unlink = () => Promise.reject(new Error('EIO: i/o error'))),
    hang: () => void (disk.unlink = () => new Promise(() => {})),
    async destroy() {
      disk.unlink = unlink;
      await uploads.destroy();
    },
  });
});
