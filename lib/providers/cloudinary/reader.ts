import type { Delivery } from './hosts.js';
import type { DeliveryType, ResourceType } from './public-id.js';

/** Which bare strings are public ids; see `CloudinaryOptions.publicIds`. */
export type PublicIds = 'plain' | boolean | readonly string[];

/** What is needed to read a value. */
export interface Reader {
  readonly delivery: Delivery;
  readonly publicIds: PublicIds;
  readonly rootPath: boolean;
  /** For values that do not name it. */
  readonly resourceType: ResourceType;
  readonly type: DeliveryType;
}
