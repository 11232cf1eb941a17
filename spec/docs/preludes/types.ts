// The types that a page shows are those that the package has.
import type { CleanupEvent } from 'mongoose-image-cleanup';

export type { KeptReason } from 'mongoose-image-cleanup';
export type Handed = CleanupEvent;
export const handed = {} as CleanupEvent;
export const shown: unknown = {};
