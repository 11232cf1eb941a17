import { expect } from 'chai';
import {
  isSecretName,
  withoutAddressSecrets,
  withoutKnownSecrets,
  withoutSecrets,
  withoutUser,
} from '../../lib/shared/without-secrets.js';

describe('secrets in a text', () => {
  for (const [text, shown] of [
    ['https://x/a?X-Amz-Signature=S&x=1', 'https://x/a?X-Amz-Signature=***&x=1'],
    ['https://x/a?token=S;S,S&amp;x=1', 'https://x/a?token=***&amp;x=1'],
    ['https://x/a?X%2DAmz%2DCred%65ntial=S', 'https://x/a?X%2DAmz%2DCred%65ntial=***'],
    ['https://x/a?x=1;sig=S', 'https://x/a?x=1;sig=***'],
    ['https://x/a?Policy=S', 'https://x/a?Policy=***'],
    ['{"apiKey":"S","b":1}', '{"apiKey":"***","b":1}'],
    ['{"api_key":12,"b":1}', '{"api_key":***,"b":1}'],
    ['{"password": "S with \\"S\\" and spaces"}', '{"password": "***"}'],
    ['{"password": "S with spaces, cut o', '{"password": "***'],
    ["{ accessKey: 'S' }", "{ accessKey: '***' }"],
    ["{ 'password': 'S with spaces', b: 'it' }", "{ 'password': '***', b: 'it' }"],
    ["the token='S, and it", "the token='***, and it"],
    ['Authorization: Basic U1M=', 'Authorization: *** ***'],
    ['the header was Bearer SSS.SS', 'the header was Bearer ***'],
    ['mongodb://me:S@S?S@db.example/x', 'mongodb://***@db.example/x'],
    ['mongodb+srv://S@db.example', 'mongodb+srv://***@db.example'],
    ['https://res.cloudinary.com/demo/s--SSSSSSSS--/a', 'https://res.cloudinary.com/demo/s--***--/a'],
    ['no access for AKIASSSSSSSSSSSSSSSS', 'no access for ***'],
  ] as const) {
    it(`hides them: ${text}`, () => {
      expect(withoutSecrets(text)).to.equal(shown);
      expect(withoutSecrets(shown), 'once more').to.equal(shown);
    });
  }

  for (const text of [
    '/uploads/a b.png?v=1',
    'https://cdn.example/@me/img@2x.png',
    '{"path":"a.png","size":"4"}',
    'the folder /srv/uploads is not there',
  ]) {
    it(`leaves the rest: ${text}`, () => {
      expect(withoutSecrets(text)).to.equal(text);
    });
  }

  it('stays fast with long texts', () => {
    for (const part of ['token', '//', '"token":"\\', '?a=', 's--', 'a@', '//a@']) {
      const text = part.repeat(100_000 / part.length);
      expect(withoutSecrets(text)).to.be.a('string');
    }
  });

  it('hides in a value only what is certainly a secret of its address', () => {
    expect(withoutAddressSecrets('author=Jane, session: 4, https://me:S@x/a?auth=S&author=Jane')).to.equal(
      'author=Jane, session: 4, https://***@x/a?auth=***&author=Jane',
    );
    expect(withoutAddressSecrets('a?author=S', (name) => name === 'author')).to.equal('a?author=***');
    expect(withoutUser('https://me:S@x/a?auth=b')).to.equal('https://***@x/a?auth=b');
  });

  it('knows the names of properties', () => {
    const secret = ['signature', 'api_key', 'apiKey', 'accessKeyId', 'delete_token', 'sig', 'Authorization'];
    expect(secret.filter((name) => !isSecretName(name))).to.deep.equal([]);
    expect(['author', 'design', 'public_id', 'key', 'etag'].filter(isSecretName)).to.deep.equal([]);
  });

  it('hides what is known, and what a message repeats from a request', () => {
    const message = `x-S-y, Basic SS==, ${'a'.repeat(40)} and ${'b'.repeat(64)}`;
    expect(withoutKnownSecrets(message, ['S-y', 'x-'])).to.equal('******, Basic ***, *** and ***');
  });
});
