import { expect } from 'chai';
import { Schema } from 'mongoose';
import {
  imageCleanup,
  localProvider,
  type ImageCleanupOptions,
  type StorageProvider,
} from '../../lib/index.js';
import { unknownKeepStrings } from '../../lib/schema/keep-option.js';
import { readOptions } from '../../lib/schema/read-options.js';

const plug = (options: ImageCleanupOptions): Schema =>
  new Schema({ image: String, cover: String }).plugin(imageCleanup, { fields: ['image'], ...options });
const nobody: StorageProvider = {
  name: 'nobody',
  identify: () => null,
  forms: () => ({ equal: [] }),
  remove: () => Promise.resolve([]),
};

describe('keep strings that no provider knows', () => {
  const provider = localProvider({ baseUrl: '/static' });

  it('are refused when the plugin is applied, with a hint', () => {
    const act = () => plug({ provider, keep: ['/static/logo.png', '/uploads/default.png'] });
    expect(act).to.throw(TypeError, '"keep" is \'/uploads/default.png\'');
    expect(act).to.throw(TypeError, '(local)');
    expect(act).to.throw(TypeError, 'regular expression');
  });

  it('are taken if one of several providers knows them, or that of a field', () => {
    plug({ provider: [nobody, provider], keep: '/static/default.png' });
    plug({ provider: nobody, fields: [{ path: 'cover', provider }, 'image'], keep: '/static/default.png' });
  });

  it('are taken if a provider reads them in some way', () => {
    const possible = (value: unknown) => [{ provider: 'nobody', key: String(value) }];
    plug({ provider: { ...nobody, possible }, keep: 'x' });
  });

  it('are taken if a provider throws: nobody knows', () => {
    const identify = (): never => {
      throw new Error('not now');
    };
    plug({ provider: { ...nobody, identify }, keep: 'x' });
  });

  it('are left to the first use if a provider gets its configuration later', () => {
    const configured: { cloud?: string } = {};
    const later: StorageProvider & { readonly storage: string | undefined } = {
      ...nobody,
      get storage() {
        return configured.cloud;
      },
    };
    const options: ImageCleanupOptions = { provider: later, keep: ['x', /y/, () => true] };
    plug(options);
    expect(unknownKeepStrings(readOptions(options))).to.deep.equal(['x']);
    configured.cloud = 'demo';
    expect(() => plug(options)).to.throw(TypeError, "'x'");
  });

  it('patterns and functions may say what they like', () => {
    plug({ provider, keep: [/\/uploads\//, () => true] });
  });
});
