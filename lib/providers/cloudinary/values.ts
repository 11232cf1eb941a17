import type { KeptReason } from '../provider.js';
import { uploadResultOf } from '../upload-result.js';
import { splitExtension } from './formats.js';
import { hostKind } from './hosts.js';
import { readResult, type Reader } from './objects.js';
import { DELIVERY_TYPES, isDeliveryType, isPublicId, isResourceType, RESOURCE_TYPES } from './public-id.js';
import type { Target } from './public-id.js';
import { readUrl } from './url.js';
import type { UrlReading } from './url.js';

const NOT_OURS: UrlReading = { target: null, reason: null, possible: [] };

/** Reads any value that a document may hold. */
export function readValue(value: unknown, reader: Reader): UrlReading {
  if (typeof value === 'string') {
    return readUrl(value, reader.delivery, reader.rootPath) ?? readBare(value, reader);
  }
  const result = uploadResultOf(value);
  return result ? readResult(result, reader) : NOT_OURS;
}

function kept(reason: KeptReason, possible: readonly Target[] = []): UrlReading {
  return { target: null, reason, possible };
}

/** A string that is not a URL. */
function readBare(text: string, reader: Reader): UrlReading {
  const [host = ''] = text.slice(0, 255).split('/', 1);
  // a URL without its scheme, or the path of one
  if (hostKind(host.toLowerCase(), reader.delivery))
    return kept('not canonical', readUrl(`https://${text}`, reader.delivery, reader.rootPath)?.possible);
  if (!isPublicId(text) || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) return NOT_OURS;
  const [first = '', second] = text.split('/');
  if (isResourceType(first) && isDeliveryType(second)) return kept('ambiguous', everyBareReading(text));
  const { publicIds } = reader;
  if (publicIds === false) return NOT_OURS;
  if (Array.isArray(publicIds) && !publicIds.some((folder) => text.startsWith(folder))) return NOT_OURS;
  if (publicIds === 'plain' && looksLikeFile(text)) return kept('ambiguous', everyBareReading(text));
  const target = { resourceType: reader.resourceType, type: reader.type, publicId: text };
  return { target, reason: null, possible: [target, ...everyBareReading(text)] };
}

/**
 * Whether a bare string could also be the path of a file on disk: it has an extension, it is below `uploads/` (where
 * multer's guides and this library's local provider store files), or it ends in multer's random name of 32 hexadecimal
 * digits.
 */
export function looksLikeFile(text: string): boolean {
  const name = text.slice(text.lastIndexOf('/') + 1);
  return /\.[A-Za-z0-9]{1,5}$/.test(text) || /^(?:uploads\/|~)/.test(text) || /^[0-9a-f]{32}$/.test(name);
}

/** A bare string has neither a resource type nor a delivery type, and its extension may be the delivery format. */
function everyBareReading(text: string): Target[] {
  const cut = splitExtension(text);
  return RESOURCE_TYPES.flatMap((resourceType) => {
    const names = cut && resourceType !== 'raw' ? [text, cut.stem] : [text];
    return names
      .filter(isPublicId)
      .flatMap((publicId) => DELIVERY_TYPES.map((type) => ({ resourceType, type, publicId })));
  });
}

/** In raw files the extension is a part of the id; all other assets are delivered under other extensions, too. */
export function barePrefixes(target: Target): string[] {
  return target.resourceType === 'raw' ? [] : [`${target.publicId}.`];
}
