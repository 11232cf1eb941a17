import { v2 } from 'cloudinary';
import type { CloudinarySdk } from '../../../lib/providers/cloudinary/index.js';

/** What the specs use of an SDK: the provider's part, and the writing of URLs. */
export type Sdk = CloudinarySdk & Pick<typeof v2, 'url'>;

/** The majors that the optional peer allows; `null` where one is not installed. */
export const sdks: readonly { readonly name: string; readonly sdk: Sdk | null }[] = [
  { name: 'cloudinary 2', sdk: v2 },
  { name: 'cloudinary 1', sdk: installed('cloudinary-1') },
];

function installed(name: string): Sdk | null {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return (require(name) as { v2: Sdk }).v2;
  } catch {
    return null;
  }
}
