import type { StorageProvider } from '../providers/provider.js';
import type { TextReader } from '../texts/text-reader.js';
import type { CleanupEvent } from './cleanup-event.js';
import type { ImageCleanupOptions, KeepRule, Logger, ReferenceSource, RetryOptions } from './options.js';

/** Where files may be used: the models of the scope, and other sources. */
export interface References {
  readonly scope: 'connection' | 'model' | 'document';
  readonly sources: readonly ReferenceSource[];
}

/** A field as a plugin call names it. */
export interface NamedPath {
  readonly path: string;
  /** The field's own providers; `undefined`: those of the plugin call. */
  readonly providers?: readonly StorageProvider[] | undefined;
  /** How the texts of the field are read; `undefined`: its values are images. */
  readonly text?: TextReader | undefined;
}

/** The options as the code uses them: complete, checked and never changed. */
export interface CleanupOptions {
  readonly fields: readonly NamedPath[] | undefined;
  readonly providers: readonly StorageProvider[];
  /** Whether the plugin call gave a provider, so that it is not the default. */
  readonly isProviderGiven: boolean;
  readonly keep: readonly KeepRule[];
  readonly references: References;
  readonly mentionsUpTo: number;
  readonly isMentionsUpToGiven: boolean;
  readonly isEnabled: () => boolean;
  /** Never throws. Any answer other than true or false counts as on. */
  readonly isDryRun: () => boolean;
  readonly removal: 'wait' | 'background';
  readonly timeoutMs: number;
  readonly retry: Required<RetryOptions>;
  readonly maxDocuments: number;
  readonly journal: JournalSettings | undefined;
  readonly gracePeriodMs: number;
  readonly onEvent: ((event: CleanupEvent) => unknown) | undefined;
  readonly logger: Logger;
  readonly given: ImageCleanupOptions;
}

/** The option `journal`, complete. */
export interface JournalSettings {
  readonly collection: string;
  /** How long settled intents are kept, in milliseconds; 0: not at all. */
  readonly keepSettledMs: number;
  /** Whether a write whose intent cannot be stored is rejected. */
  readonly isRequired: boolean;
}
