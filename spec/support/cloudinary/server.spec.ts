import { expect } from 'chai';
import { CloudinaryServer, sdkOptionsFor, upload } from './index.js';
import { isSigned, stringToSign } from './signature.js';

describe('the local Cloudinary', () => {
  let server: CloudinaryServer;
  before(async () => (server = await new CloudinaryServer().start()));
  after(() => server.stop());

  it('signs as Cloudinary documents it', () => {
    const fields = new Map([
      ['timestamp', ['1315060510']],
      ['public_id', ['sample_image']],
      ['api_key', ['1']],
    ]);
    expect(stringToSign(fields)).to.equal('public_id=sample_image&timestamp=1315060510');
    expect(isSigned(stringToSign(fields), 'abcd', 'b4ad47fb4e25c7bf5f92a20089f9db59bc302313')).to.equal(true);
    expect(stringToSign(new Map([['a', ['x&y', 'z']]]))).to.equal('a=x%26y,z');
  });

  it('takes uploads that the real SDK signs, with SHA-1 and with SHA-256', async () => {
    const one = await upload(server, { public_id: 'été & 1', signature_algorithm: 'sha1', tags: ['a', 'b'] });
    expect(one).to.include({ public_id: 'été & 1', resource_type: 'image', type: 'upload' });
    const two = await upload(server, { signature_algorithm: 'sha256' });
    expect(two.public_id).to.match(/^[0-9a-f]{20}$/);
  });

  const refused: [what: string, options: object, message: string][] = [
    ['a wrong secret', { api_secret: 'x' }, 'Invalid Signature'],
    ['an unknown key', { api_key: 'x' }, 'Unknown API key x'],
    ['an old request', { timestamp: 1 }, 'Stale request'],
    ['another cloud', { cloud_name: 'x' }, 'cloud_name mismatch'],
  ];
  for (const [what, options, message] of refused) {
    it(`refuses ${what}`, async () => {
      const error: unknown = await upload(server, { ...sdkOptionsFor(server), ...options }).catch(
        (e: unknown) => e,
      );
      expect((error as { message: string }).message).to.include(message);
    });
  }
});
