/** Lets `imageCleanup: false` pass the type check of every call that takes options. */
export interface ImageCleanupCallOption {
  /** `false`: this call leaves the files alone. */
  imageCleanup?: boolean;
}

declare module 'mongoose' {
  interface QueryOptions extends ImageCleanupCallOption {}
  interface SaveOptions extends ImageCleanupCallOption {}
}
