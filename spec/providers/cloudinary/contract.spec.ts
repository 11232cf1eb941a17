import { v2 } from 'cloudinary';
import { providerContract } from '../../../lib/testing/index.js';
import { CloudinaryServer, providerFor } from '../../support/cloudinary/index.js';

for (const api of ['upload', 'admin'] as const) {
  describe(`cloudinary by the ${api} API`, () => {
    let server: CloudinaryServer;

    providerContract(`cloudinary, ${api}`, {
      async create() {
        server = await new CloudinaryServer().start();
        return providerFor(server, { api, publicIds: true });
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
          ],
          secure_url.replace('res.cloudinary', 'res-2.cloudinary'),
          secure_url.replace('https:', ''),
          v2.url(public_id, { ...options }),
          v2.url(public_id, { ...options, private_cdn: true, secure: false }),
          v2.url(public_id, { ...options, sign_url: true, api_secret: 'x', width: 100, crop: 'fill' }),
          v2.url(public_id, {
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
        { public_id: 'pic', secure_url: 'https://res.cloudinary.com/other/image/upload/v1/pic.jpg' },
      ],
      fail: () => server.failNext(1000, 'reset'),
      hang: () => server.failNext(1000, 'hang'),
      destroy: () => server.stop(),
      listSize: 1100,
    });
  });
}
