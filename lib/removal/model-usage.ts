import type { Connection } from 'mongoose';
import { unknownKeepStrings } from '../schema/keep-option.js';
import type { CleanupOptions } from '../schema/checked-options.js';
import type { AnyModel } from '../schema/options.js';
import type { StorageProvider } from '../providers/provider.js';
import { pluginCallsOf } from '../schema/plugin-calls.js';
import { trackedOf } from '../schema/model-fields.js';
import { indexAdvice, missingIndexes } from '../usage/index-check.js';
import { KeepRules, protectedDefaults, type MeantFiles } from '../usage/keep-rules.js';
import { providersOf, scopeOf, type AskedCollection, type Asking, type Scope } from '../usage/scope.js';
import { stillUsed, type Verdict } from '../usage/still-used.js';
import { areSame } from '../shared/groups.js';
import { storedOn } from '../shared/stored-on.js';
import { asError } from '../shared/time-limit.js';
import type { Source, DroppedFile } from './candidates.js';
import type { Reporter } from './reporter.js';

const DONE = Symbol.for('mongoose-image-cleanup:done-once:1');

interface Facts {
  /** The models that were registered when these facts were looked up, and what the models in the scope tracked. */
  readonly registered: readonly unknown[];
  readonly tracked: readonly unknown[];
  readonly scope: Scope;
  readonly defaults: MeantFiles;
}

/** Knows who may use the files of one model. Looked up once, and again when models are registered or get discriminators. */
export class ModelUsage {
  readonly #model: AnyModel;
  readonly #options: CleanupOptions;
  readonly #reporter: Reporter;
  readonly #keepRules = new WeakMap<Source, KeepRules>();
  #facts: Facts | undefined;
  #hasCheckedIndexes = false;
  #hasCheckedKeep = false;

  constructor(model: AnyModel, options: CleanupOptions, reporter: Reporter) {
    this.#model = model;
    this.#options = options;
    this.#reporter = reporter;
  }

  get providers(): readonly StorageProvider[] {
    return providersOf(this.#model);
  }

  /** Files that new documents start with. */
  get defaults(): MeantFiles {
    return this.#known().defaults;
  }

  keepRulesOf(source: Source): KeepRules {
    const known = this.#keepRules.get(source);
    if (known) return known;
    const rules = new KeepRules(source.keep, source.providers);
    this.#keepRules.set(source, rules);
    return rules;
  }

  /** Asks the "still used?" question for a batch of files. */
  async stillUsed(files: readonly DroppedFile[]): Promise<Map<DroppedFile, Verdict>> {
    const { timeoutMs, mentionsUpTo, references } = this.#options;
    let scope: Scope;
    try {
      scope = this.#scopeWith([...new Set(files.flatMap(({ write }) => write.alsoAsking ?? []))]);
    } catch (thrown) {
      const unanswered = asError(thrown);
      return new Map(files.map((file) => [file, { unanswered }]));
    }
    // `removeUnused` has no document, so its narrowest scope is the model
    const isOfDocuments =
      references.scope === 'document' && files.every(({ candidate }) => candidate.documentIds.length > 0);
    return stillUsed(files, scope, {
      timeoutMs,
      mentionsUpTo,
      onlyDocuments: isOfDocuments
        ? { model: this.#model, ids: files.flatMap(({ candidate }) => candidate.documentIds) }
        : undefined,
      onDiffering: ({ field: { path, text } }, documentId) => {
        this.#reporter.warn(
          `the array "${String(text?.index)}" beside the text "${path}" lacks an image that the text uses, in the document ` +
            `${String(documentId)}, so the texts are searched instead; store both in one write, and fill the array in older documents`,
        );
      },
      onTooLarge: (collection, documents) => {
        this.#tellTooLarge(collection, documents);
      },
    });
  }

  /**
   * Warns of strings in `keep` that a provider could not read before it was configured, and that protect nothing now
   * that it is.
   */
  warnOfKeepOnce(): void {
    if (this.#hasCheckedKeep) return;
    this.#hasCheckedKeep = true;
    const { modelName, schema } = this.#model;
    const strings = new Set(pluginCallsOf(schema).flatMap(({ options }) => unknownKeepStrings(options)));
    for (const string of strings) {
      this.#reporter.warn(
        `the option "keep" of "${modelName}" has '${string}', which names no file of its providers and protects nothing; ` +
          'write it as documents store it, or as a regular expression',
      );
    }
  }

  /** Warns once of fields for which no index serves the question. */
  async checkIndexesOnce(): Promise<void> {
    if (this.#hasCheckedIndexes || this.#options.references.scope === 'document') return;
    this.#hasCheckedIndexes = true;
    for (const { connection, name, models, fields } of this.#known().scope.collections) {
      const [model] = models;
      if (!model || !isFirstTime(connection, `indexes: ${name}`)) continue;
      // no index serves a field that is always searched for mentions
      const served = fields.filter(({ isAlwaysSearched }) => !isAlwaysSearched);
      const missing = await missingIndexes(
        models,
        served.map(({ field }) => field),
      );
      if (missing.length > 0) this.#reporter.warn(indexAdvice(model, missing));
    }
  }

  /** The collections that a question reads, with their databases; `undefined` if it cannot be asked. */
  collections(alsoAsking: readonly Asking[] = []): readonly string[] | undefined {
    try {
      return this.#scopeWith(alsoAsking).collections.map(
        ({ connection, name }) => `${connection.name}.${name}`,
      );
    } catch {
      return undefined;
    }
  }

  #scopeWith(alsoAsking: readonly Asking[]): Scope {
    if (alsoAsking.length === 0) return this.#known().scope;
    return scopeOf([{ model: this.#model, references: this.#options.references }, ...alsoAsking]);
  }

  #known(): Facts {
    const registered = Object.values(this.#model.db.models);
    if (this.#facts && areSame(this.#facts.registered, registered)) {
      // a model of another connection may have a new discriminator, which is registered there
      if (areSame(this.#facts.tracked, this.#facts.scope.models.map(trackedOf))) return this.#facts;
    }
    const scope = scopeOf([{ model: this.#model, references: this.#options.references }]);
    this.#facts = {
      registered,
      tracked: scope.models.map(trackedOf),
      scope,
      defaults: protectedDefaults(scope),
    };
    return this.#facts;
  }

  #tellTooLarge({ connection, name, models }: AskedCollection, documents: number): void {
    if (this.#options.isMentionsUpToGiven || !isFirstTime(connection, `too large: ${name}`)) return;
    const model = models[0]?.modelName ?? name;
    this.#reporter.warn(
      `"${model}" has ${String(documents)} documents, more than mentionsUpTo (${String(this.#options.mentionsUpTo)}), so it is ` +
        'searched only for the listed spellings of a file, and not for mentions in texts, URLs of unlisted hosts or unknown ' +
        'objects; set mentionsUpTo to Infinity to always search for these, or to any number to silence this message',
    );
  }
}

/**
 * Returns `true` the first time for this connection and key, for messages that are logged once for all models of a
 * connection.
 */
function isFirstTime(connection: Connection, key: string): boolean {
  const done = storedOn(connection, DONE, () => new Set<string>());
  if (done.has(key)) return false;
  done.add(key);
  return true;
}
