import type { AnyModel } from '../schema/options.js';
import type { SweepableProvider } from '../providers/provider.js';
import { ownersOf, storagesOf, type Owner, type Storage } from '../sweep/storages.js';
import { hasPlugin } from '../schema/model-fields.js';
import { isolated } from '../shared/isolated.js';
import { scopeOf, type Scope } from '../usage/scope.js';
import { asError } from '../shared/time-limit.js';
import { withoutSecrets } from '../shared/without-secrets.js';
import type { CheckedDoctorOptions } from './doctor-options.js';
import type { ExaminedModel, ExaminedStorage, Finding } from './report.js';

/** The state that the parts of one examination share. */
export class Examination {
  readonly options: CheckedDoctorOptions;
  readonly startedAt = new Date();
  /** The models with the plugin, without the discriminators of other models among them. */
  readonly models: readonly AnyModel[];
  /** All models of the connections. */
  readonly registered: readonly AnyModel[];
  readonly owners: readonly Owner[];
  readonly storages: readonly Storage[];
  /** The providers of the models, whether they can list their files or not. */
  readonly providers: readonly SweepableProvider[];
  readonly examinedModels: ExaminedModel[] = [];
  readonly examinedStorages: ExaminedStorage[] = [];
  readonly findings: Finding[] = [];
  readonly notes: string[] = [];

  constructor(options: CheckedDoctorOptions) {
    this.options = options;
    const given = options.models.filter(hasPlugin);
    this.models = given.filter((model) => !given.some((other) => isBaseOf(other, model)));
    const connections = [...new Set(options.models.map(({ db }) => db))];
    this.registered = connections.flatMap(({ models }) => Object.values(models) as AnyModel[]);
    this.owners = ownersOf(this.models);
    this.storages = storagesOf(this.owners);
    this.providers = [...new Set(this.owners.map(({ provider }) => provider))];
  }

  get timeoutMs(): number {
    return Math.max(...this.owners.map(({ options }) => options.timeoutMs), 1000);
  }

  /** The scope of the models. If it cannot be determined, a note says so and the scope is empty. */
  scope(models: readonly AnyModel[] = this.models): Scope {
    try {
      return scopeOf(
        models.flatMap((model) => {
          const owner = this.owners.find((one) => one.model === model);
          return owner ? [{ model, references: owner.options.references }] : [];
        }),
      );
    } catch (thrown) {
      this.note(
        `the collections to ask before a removal cannot be determined, so nothing is removed: ${asError(thrown).message}`,
      );
      return { collections: [], functions: [], models: [] };
    }
  }

  isIgnored(...names: readonly string[]): boolean {
    return names.some((name) => this.options.ignore.has(name));
  }

  find(finding: Finding): void {
    this.findings.push({ ...finding, message: withoutSecrets(finding.message) });
  }

  note(text: string): void {
    const shown = withoutSecrets(text);
    if (!this.notes.includes(shown)) this.notes.push(shown);
  }

  /** @throws the signal's reason if it is aborted. */
  begin(step: string): void {
    this.options.signal?.throwIfAborted();
    isolated(() => this.options.onProgress?.(step));
  }
}

function isBaseOf(base: AnyModel, model: AnyModel): boolean {
  return base !== model && Object.values(base.discriminators ?? {}).includes(model);
}
