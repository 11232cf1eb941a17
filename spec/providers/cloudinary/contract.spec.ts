import { providerContract } from '../../../lib/testing/index.js';
import { CloudinaryServer, providerFor } from '../../support/cloudinary/index.js';
import { sdks, type Sdk } from '../../support/cloudinary/sdks.js';
import { CONTRACT_RUNS } from '../../support/counts.js';

for (const { name, sdk } of sdks) {
  if (sdk) declareFor(name, sdk);
  else it.skip(`the provider contract: ${name} is not installed`);
}

function declareFor(name: string, sdk: Sdk): void {
  for (const api of ['upload', 'admin'] as const) {
    describe(`${name} by the ${api} API`, () => {
      let server: CloudinaryServer;

      providerContract(`${name}, ${api}`, {
        runs: CONTRACT_RUNS,
        async create() {
          server = await new CloudinaryServer().start();
          return providerFor(server, { cloudinary: sdk, api, publicIds: true });
        },
        seed(_provider, label) {
          const result = server.uploadResult(server.store.put('image', 'upload', label));
          const { public_id, secure_url, url, version } = result;
          const options = { cloud_name: 'demo', version: version + 1, format: 'png' };
          return [
            ...[
              secure_url,
              url,
              public_id,
              result,
              { public_id },
              { public_id, secure_url, resource_type: 'image' },
              { url },
              { secure_url, alt: 'A' },
              { url, publicId: public_id },
              { publicId: public_id },
              { fieldname: 'image', originalname: 'x.png', path: secure_url, filename: public_id, size: 3 },
              { url: secure_url, filename: 'x.png', type: 'image/png' },
            ],
            secure_url.replace('res.cloudinary', 'res-2.cloudinary'),
            secure_url.replace('https:', ''),
            sdk.url(public_id, { ...options }),
            sdk.url(public_id, { ...options, private_cdn: true, secure: false }),
            sdk.url(public_id, { ...options, sign_url: true, api_secret: 'x', width: 100, crop: 'fill' }),
            sdk.url(public_id, {
              ...options,
              url_suffix: 'my-pic',
              transformation: ['named', { effect: 'sepia' }],
            }),
          ];
        },
        exists: (_provider, label) => server.store.has('image', 'upload', label),
        foreignValues: [
          ...['', '/uploads/a.png', '../a', 'https://example.com/a.png', 'data:image/png;base64,AA=='],
          'https://res.cloudinary.com/other/image/upload/v1/pic.jpg',
          'https://other-res.cloudinary.com/image/upload/v1/pic.jpg',
          'https://res.cloudinary.com/demo/image/fetch/https://example.com/a.jpg',
          'https://res.cloudinary.com.example.com/demo/image/upload/v1/pic.jpg',
          'https://res.cloudinary.com/demo/image/upload/',
          { public_id: '' },
          { public_id: 'pic', type: 'fetch' },
          { path: 'uploads/pic', filename: 'pic' },
          { url: 'https://example.com/pic.jpg' },
          { public_id: 'pic', publicId: 'pic2' },
          { public_id: 'pic', secure_url: 'https://res.cloudinary.com/other/image/upload/v1/pic.jpg' },
        ],
        foreignAssets: ['other/image/upload/pic', 'demo/pic', '/srv/app/uploads/pic'].map((key) => ({
          provider: 'cloudinary',
          key,
        })),
        fail: () => server.failNext(1000, 'reset'),
        hang: () => server.failNext(1000, 'hang'),
        destroy: () => server.stop(),
        listSize: 1100,
      });
    });
  }
}
