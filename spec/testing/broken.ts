import { mongo } from 'mongoose';
import type {
  Asset,
  DroppedAsset,
  RemovalOutcome,
  RemoveOptions,
  StorageProvider,
  StoredForms,
} from '../../lib/providers/provider.js';
import { objectIdOf, type StoredValue } from '../../lib/providers/stored-value.js';
import type { ContractOptions, MemoryProvider } from '../../lib/testing/index.js';

/** One way to break a provider. */
export interface Breakage {
  /** What is wrong with it. */
  readonly what: string;
  /** Titles of the rules that it fails, all of them. */
  readonly fails: readonly string[];
  readonly break: (memory: MemoryProvider) => Partial<StorageProvider>;
  /** What the contract is told of it. */
  readonly options?: Partial<ContractOptions>;
}

const rule = {
  name: 'has a name and a sensible batch size',
  total: 'identify, refusal and possible never throw',
  shape: 'identify returns null, or an asset with the name of the provider and a key',
  pure: 'identify is pure: the same answer each time, and the value unchanged',
  silent: 'identify writes no output',
  foreign: 'refuses foreign values',
  oneKey: 'accepts every spelling of a file, under one key',
  keys: 'different files have different keys',
  covers: 'forms covers every value that identify accepts',
  bson: 'ObjectIds and other BSON values are compared by content: a copy means the same asset, and forms covers it',
  outside: 'forms of an asset outside the storage is empty',
  others: 'forms of one file do not ask for another',
  possible: 'possible includes the result of identify',
  mask: 'mask never throws, changes no value and hides nothing twice',
  exactly: 'remove removes exactly what was asked: neighbours, siblings and prefixes stay',
  twice: 'removing twice: the second time is missing',
  order: 'one outcome for each asset, in the order asked',
  batch: 'a whole batch at once, and an empty one',
  aborted: 'with an aborted signal, remove removes nothing and still resolves',
  hang: 'an abort ends a removal that hangs',
  ten: 'ten removals of one asset at the same time: none fails, one removes it',
  failed: 'an error of the storage is a failure with its Error, never missing or removed',
  alone: 'a failure of one asset of a batch is reported for that asset alone',
  rejects: 'remove never rejects',
  fingerprint:
    'fingerprint: null without a file, the same while nothing is written, another one after a write',
  expected: 'remove keeps content that is not expected: written anew, or not there before',
  list: 'list has every asset once, under the key that identify gives',
  changing: 'list misses nothing and repeats nothing while files come and go',
  listAbort: 'list ends when its signal is aborted',
  derived: 'derivedOf is pure, and returns an array of at most 100 assets of the provider',
  derivedInside: 'derivedOf never names the file itself, nor one outside of the storage',
  derivedForeign: 'derivedOf of an asset outside the storage is empty',
} as const;

type Identify = StorageProvider['identify'];

/** A wrong `identify`, which `possible` follows. */
const identifies = (identify: Identify): Partial<StorageProvider> => ({
  identify,
  possible: (value) => [identify(value)].filter((one) => one !== null),
});

const never = new AbortController().signal;
const one = (memory: MemoryProvider, asset: Asset, signal = never) =>
  memory.remove([asset], { signal }).then(([outcome]) => outcome!);

/** A wrong reading of what is expected. */
const expects =
  (change: (asset: DroppedAsset) => DroppedAsset) =>
  (memory: MemoryProvider): Partial<StorageProvider> => ({
    remove: (assets, options) => memory.remove(assets.map(change), options),
  });

/** A wrong `remove`, made of the right one. */
const removes =
  (change: (outcomes: readonly RemovalOutcome[], assets: readonly Asset[]) => readonly RemovalOutcome[]) =>
  (memory: MemoryProvider): Partial<StorageProvider> => ({
    remove: async (assets: readonly Asset[], options: RemoveOptions) =>
      change(await memory.remove(assets, options), assets),
  });

/** ObjectIds are one of the spellings, see `withIds`. */
const bsonBreakages: readonly Breakage[] = [
  {
    what: 'leaves the ObjectId out of its forms',
    fails: [rule.bson],
    break: (memory) => ({
      forms: (asset) => changedForms(memory.forms(asset), (forms) => forms.filter((form) => !isId(form))),
    }),
  },
  {
    what: 'leaves the ObjectId out of the objects that it asks for',
    fails: [rule.bson],
    break: (memory) => ({
      forms(asset) {
        const forms = memory.forms(asset);
        return forms.equal.length > 0 ? { ...forms, objects: { memory: [asset.key] } } : forms;
      },
    }),
  },
  {
    what: 'compares ObjectIds by reference',
    fails: [rule.bson],
    break: (memory) => {
      const first = new Map<string, unknown>();
      return identifies((value) => {
        const hex = objectIdOf(value);
        if (hex === null) return memory.identify(value);
        if (!first.has(hex)) first.set(hex, value);
        return first.get(hex) === value ? memory.identify(value) : null;
      });
    },
  },
  {
    what: 'asks for the digits of an ObjectId instead of the id',
    fails: [rule.bson],
    break: (memory) => ({
      forms: (asset) =>
        changedForms(memory.forms(asset), (forms) =>
          forms.map((form) => (isId(form) ? form.toHexString() : form)),
        ),
    }),
  },
  {
    what: 'asks for objects beside the ObjectId, which a database compares field by field',
    fails: [rule.bson],
    break: (memory) => ({
      forms: (asset) =>
        changedForms(memory.forms(asset), (forms) => [
          ...forms,
          ...forms.filter(isId).map((form) => ({ $oid: form.toHexString() })),
        ]),
    }),
  },
  {
    what: 'takes data of the app that look like an ObjectId for one',
    fails: [rule.total],
    break: (memory) => ({
      refusal(value) {
        if (looksLikeId(value)) value.toHexString();
        return memory.refusal(value);
      },
    }),
  },
];

export const breakages: readonly Breakage[] = [
  { what: 'has no batch size', fails: [rule.name], break: () => ({ batchSize: 0 }) },
  {
    what: 'has no name',
    fails: [rule.name],
    break: (memory) => ({
      name: '',
      ...identifies((value) => {
        const asset = memory.identify(value);
        return asset && { ...asset, provider: '' };
      }),
      async *list(options) {
        for await (const entry of memory.list(options))
          yield { ...entry, asset: { ...entry.asset, provider: '' } };
      },
    }),
  },
  {
    what: 'looks at files at a time that nobody knows',
    fails: [rule.name],
    break: () => ({ fingerprintWhen: 'sometimes' as 'always' }),
  },
  {
    what: 'says when it looks at files, and has no look',
    fails: [rule.name],
    break: () => ({ fingerprint: undefined as never, fingerprintWhen: 'waiting' }),
  },
  {
    what: 'throws for a broken escape',
    fails: [rule.total],
    break: (memory) => ({
      refusal: (value) => (decodeURIComponent(`${value as string}`) ? memory.refusal(value) : null),
    }),
  },
  {
    what: 'answers an object that is no asset',
    fails: [rule.shape, rule.covers],
    break: (memory) =>
      identifies((value) =>
        value === '' ? ({ provider: 'memory', key: '' } as Asset) : memory.identify(value),
      ),
  },
  {
    what: 'answers for another provider',
    fails: [rule.shape],
    break: (memory) =>
      identifies((value) => {
        const asset = memory.identify(value);
        return asset && { ...asset, provider: 'other' };
      }),
  },
  {
    what: 'answers differently the second time',
    fails: [rule.pure],
    break: (memory) => {
      const seen = new Set<unknown>();
      const refusal: StorageProvider['refusal'] = (value) => {
        const again = seen.has(value);
        seen.add(value);
        return again ? 'unsafe' : memory.refusal(value);
      };
      return { refusal };
    },
  },
  {
    what: 'leaves a mark on what it looked at',
    fails: [rule.pure],
    break: (memory) => ({
      refusal(value) {
        if (isMemory(value)) value['seen'] = true;
        return memory.refusal(value);
      },
    }),
  },
  {
    what: 'writes to standard error',
    fails: [rule.silent],
    break: (memory) => ({
      refusal(value) {
        if (value === '' || memory.identify(value)) process.stderr.write('');
        return memory.refusal(value);
      },
    }),
  },
  {
    what: 'accepts what is not its own',
    fails: [rule.foreign],
    break: (memory) => ({
      ...identifies((value) =>
        value === '/uploads/a.png' ? { provider: 'memory', key: value } : memory.identify(value),
      ),
      forms: (asset) => (asset.key === '/uploads/a.png' ? { equal: [asset.key] } : memory.forms(asset)),
    }),
  },
  {
    what: 'takes a query for a part of the key',
    fails: [rule.oneKey],
    break: (memory) => ({
      ...identifies((value) => {
        const asset = memory.identify(value);
        const query = typeof value === 'string' ? (value.split('?')[1] ?? '') : '';
        return asset && query ? { ...asset, key: `${asset.key}?${query}` } : asset;
      }),
      forms: ({ key }) => memory.forms({ provider: 'memory', key: key.split('?')[0]! }),
    }),
  },
  {
    what: 'refuses one spelling of its own',
    fails: [rule.oneKey],
    break: (memory) => identifies((value) => (typeof value === 'object' ? null : memory.identify(value))),
  },
  {
    what: 'goes by the last name of a path',
    fails: [
      rule.keys,
      rule.covers,
      rule.bson,
      rule.others,
      rule.exactly,
      rule.batch,
      rule.list,
      rule.changing,
    ],
    break: (memory) =>
      identifies((value) => {
        const asset = memory.identify(value);
        return asset && { ...asset, key: asset.key.slice(asset.key.lastIndexOf('/') + 1) };
      }),
  },
  {
    what: 'does not ask for values with a query',
    fails: [rule.covers],
    break: (memory) => ({ forms: (asset) => ({ ...memory.forms(asset), prefixes: [] }) }),
  },
  {
    what: 'does not ask for objects',
    fails: [rule.covers, rule.bson],
    break: (memory) => ({ forms: (asset) => ({ ...memory.forms(asset), objects: {} }) }),
  },
  ...bsonBreakages,
  {
    what: 'asks for whatever asset it is given',
    fails: [rule.outside],
    break: (memory) => ({
      forms: (asset) => {
        const forms = memory.forms(asset);
        return forms.equal.length > 0 ? forms : { equal: [`memory:${asset.key}`] };
      },
    }),
  },
  {
    what: 'throws for an asset of another storage',
    fails: [rule.outside],
    break: (memory) => ({
      forms: (asset) => {
        const forms = memory.forms(asset);
        if (forms.equal.length === 0) throw new TypeError('no key of this provider');
        return forms;
      },
    }),
  },
  {
    what: 'scans for an asset of another folder',
    fails: [rule.outside],
    break: (memory) => ({
      forms: (asset) =>
        asset.key.startsWith('/other/') ? { equal: [], scan: ['memory:'] } : memory.forms(asset),
    }),
  },
  {
    what: 'accepts a spelling that it never gave as one: upper case',
    fails: [rule.covers],
    break: (memory) =>
      identifies((value) =>
        memory.identify(typeof value === 'string' ? value.replace(/^MEMORY:/i, 'memory:') : value),
      ),
  },
  {
    what: 'asks for a beginning that other files share',
    fails: [rule.others],
    break: (memory) => ({
      forms: (asset) => ({
        ...memory.forms(asset),
        prefixes: memory.forms(asset).equal as string[],
      }),
    }),
  },
  { what: 'knows no possible asset', fails: [rule.possible], break: () => ({ possible: () => [] }) },
  {
    what: 'cannot mask what is no string',
    fails: [rule.mask],
    break: () => ({ mask: (value) => (value as string).toString() }),
  },
  {
    what: 'masks in place',
    fails: [rule.mask],
    break: () => ({
      mask(value) {
        if (isMemory(value)) value['memory'] = '***';
        return value;
      },
    }),
  },
  {
    what: 'masks the mask',
    fails: [rule.mask],
    break: () => ({ mask: (value) => (typeof value === 'string' ? `${value}*` : value) }),
  },
  {
    what: 'removes what begins alike',
    fails: [rule.exactly],
    break: (memory) => ({
      async remove(assets, options) {
        const outcomes = await memory.remove(assets, options);
        if (outcomes[0]?.outcome !== 'removed' || assets.length > 1) return outcomes;
        for (const key of memory.files.keys()) {
          if (key.startsWith(assets[0]!.key) && assets[0]!.key === 'pic' && key === 'pic.bak') {
            await one(memory, { provider: 'memory', key });
          }
        }
        return outcomes;
      },
    }),
  },
  {
    what: 'says removed and removes nothing',
    fails: [
      rule.exactly,
      rule.twice,
      rule.order,
      rule.batch,
      rule.ten,
      rule.hang,
      rule.failed,
      rule.alone,
      rule.fingerprint,
      rule.expected,
    ],
    break: (memory) => ({
      remove: async (assets, options) =>
        options.signal.aborted
          ? memory.remove(assets, options)
          : assets.map(() => ({ outcome: 'removed' as const })),
    }),
  },
  {
    what: 'says removed for what is missing',
    fails: [rule.twice, rule.order],
    break: removes((outcomes) =>
      outcomes.map((outcome) => (outcome.outcome === 'missing' ? { outcome: 'removed' } : outcome)),
    ),
  },
  {
    what: 'fails for what is missing',
    fails: [rule.twice, rule.order, rule.ten],
    break: removes((outcomes) =>
      outcomes.map((outcome) =>
        outcome.outcome === 'missing'
          ? { outcome: 'failed', error: new Error('ENOENT'), retryable: false }
          : outcome,
      ),
    ),
  },
  {
    what: 'need not tell what is missing, and fails for it',
    fails: [rule.twice, rule.order, rule.ten],
    options: { tellsMissing: false },
    break: removes((outcomes) =>
      outcomes.map((outcome) =>
        outcome.outcome === 'missing'
          ? { outcome: 'failed', error: new Error('NoSuchKey'), retryable: false }
          : outcome,
      ),
    ),
  },
  {
    what: 'need not tell what is missing, and says missing of the first of several that were there',
    fails: [rule.order, rule.batch, rule.alone, rule.expected],
    options: { tellsMissing: false },
    break: removes((outcomes) => {
      const [first, ...others] = outcomes;
      return first?.outcome === 'removed' && others.some(({ outcome }) => outcome !== 'failed')
        ? [{ outcome: 'missing' }, ...others]
        : outcomes;
    }),
  },
  { what: 'answers backwards', fails: [rule.order], break: removes((outcomes) => [...outcomes].reverse()) },
  {
    what: 'answers once for the whole batch',
    fails: [rule.order, rule.batch, rule.aborted, rule.hang, rule.failed, rule.alone, rule.expected],
    break: removes((outcomes) => outcomes.slice(0, 1)),
  },
  {
    what: 'takes only the first five of a batch, and says so of none',
    fails: [rule.batch],
    break: (memory) => ({
      async remove(assets, options) {
        const outcomes = await memory.remove(assets.slice(0, 5), options);
        return assets.map((_, i) => outcomes[i] ?? outcomes[0]!);
      },
    }),
  },
  {
    what: 'takes an empty batch for everything',
    fails: [rule.batch],
    break: (memory) => ({
      async remove(assets, options) {
        if (assets.length === 0)
          for (const key of memory.files.keys()) await one(memory, { provider: 'memory', key });
        return memory.remove(assets, options);
      },
    }),
  },
  {
    what: 'ignores a signal that is aborted already',
    fails: [rule.aborted],
    break: (memory) => ({
      remove: (assets, { signal }) => memory.remove(assets, { signal: signal.aborted ? never : signal }),
    }),
  },
  {
    what: 'ignores an abort while it waits',
    fails: [rule.hang],
    break: (memory) => ({
      remove: (assets, { signal }) => memory.remove(assets, { signal: signal.aborted ? signal : never }),
    }),
  },
  {
    what: 'says missing for what was aborted',
    fails: [rule.aborted, rule.hang],
    break: (memory) => ({
      async remove(assets, options) {
        const outcomes = await memory.remove(assets, options);
        return options.signal.aborted ? assets.map(() => ({ outcome: 'missing' as const })) : outcomes;
      },
    }),
  },
  {
    what: 'cannot remove one asset twice at a time',
    fails: [rule.ten],
    break: (memory) => {
      const busy = new Set<string>();
      return {
        async remove(assets, options) {
          const key = assets.map((asset) => asset.key).join();
          if (busy.has(key)) {
            return assets.map(() => ({
              outcome: 'failed' as const,
              error: new Error('EBUSY'),
              retryable: true,
            }));
          }
          busy.add(key);
          const outcomes = await memory.remove(assets, options);
          busy.delete(key);
          return outcomes;
        },
      };
    },
  },
  {
    what: 'says missing when the storage is away',
    fails: [rule.failed, rule.alone],
    break: (memory) => ({
      async remove(assets, options) {
        const outcomes = await memory.remove(assets, options);
        if (options.signal.aborted) return outcomes;
        return outcomes.map((outcome) => (outcome.outcome === 'failed' ? { outcome: 'missing' } : outcome));
      },
    }),
  },
  {
    what: 'fails with something that is no Error',
    fails: [rule.aborted, rule.hang, rule.failed, rule.alone],
    break: removes((outcomes) =>
      outcomes.map((outcome) =>
        outcome.outcome === 'failed' ? { ...outcome, error: 'broken' as never } : outcome,
      ),
    ),
  },
  {
    what: 'does not read which assets of a batch have failed',
    fails: [rule.alone],
    break: removes((outcomes) =>
      isMixed(outcomes) ? outcomes.map(() => ({ outcome: 'removed' as const })) : outcomes,
    ),
  },
  {
    what: 'fails a whole batch for one of its assets',
    fails: [rule.alone],
    break: removes((outcomes) =>
      isMixed(outcomes) ? outcomes.map(() => outcomes.find((one) => one.outcome === 'failed')!) : outcomes,
    ),
  },
  {
    what: 'rejects when the storage is away',
    fails: [rule.failed, rule.alone, rule.rejects],
    break: (memory) => ({
      async remove(assets, options) {
        const outcomes = await memory.remove(assets, options);
        if (outcomes.some(({ outcome }) => outcome === 'failed') && !options.signal.aborted)
          throw new Error('away');
        return outcomes;
      },
    }),
  },
  {
    what: 'rejects when the storage is away and one asset was asked for',
    fails: [rule.rejects],
    break: (memory) => ({
      async remove(assets, options) {
        const outcomes = await memory.remove(assets, options);
        if (outcomes.length === 1 && outcomes[0]?.outcome === 'failed') throw new Error('away');
        return outcomes;
      },
    }),
  },
  {
    what: 'does not mind what is expected',
    fails: [rule.expected],
    break: expects((asset) => ({ ...asset, expected: undefined })),
  },
  {
    what: 'minds only what was there before',
    fails: [rule.expected],
    break: expects((asset) => ({ ...asset, expected: asset.expected ?? undefined })),
  },
  {
    what: 'takes "nothing is known" for "nothing was there"',
    fails: [rule.expected],
    break: expects((asset) => ('expected' in asset ? { ...asset, expected: asset.expected ?? null } : asset)),
  },
  {
    what: 'has one fingerprint for all',
    fails: [rule.fingerprint, rule.expected],
    break: () => ({ fingerprint: async () => 'x' }),
  },
  {
    what: 'has another fingerprint each time',
    fails: [rule.fingerprint, rule.expected],
    break: (memory) => {
      let asked = 0;
      return { fingerprint: async (asset) => (memory.has(asset.key) ? String(asked++) : null) };
    },
  },
  {
    what: 'goes by the size of a file alone',
    fails: [rule.fingerprint, rule.expected],
    break: (memory) => ({ fingerprint: async ({ key }) => memory.files.get(key)?.length.toString() ?? null }),
  },
  {
    what: 'leaves the last file out of the listing',
    fails: [rule.list, rule.changing],
    break: (memory) => ({
      async *list(options) {
        const last = [...memory.files.keys()].at(-1);
        for await (const entry of memory.list(options)) if (entry.asset.key !== last) yield entry;
      },
    }),
  },
  {
    what: 'lists under other keys',
    fails: [rule.list, rule.changing],
    break: (memory) => ({
      async *list(options) {
        for await (const entry of memory.list(options))
          yield { ...entry, asset: { ...entry.asset, key: `/${entry.asset.key}` } };
      },
    }),
  },
  {
    what: 'lists without a time',
    fails: [rule.list],
    break: (memory) => ({
      async *list(options) {
        for await (const entry of memory.list(options)) yield { ...entry, modifiedAt: new Date(NaN) };
      },
    }),
  },
  {
    what: 'counts its pages by position',
    fails: [rule.changing],
    break: (memory) => ({
      async *list({ signal }) {
        signal?.throwIfAborted();
        for (let at = 0; at < memory.files.size; at += 10) {
          const page = [...memory.files.keys()].sort().slice(at, at + 10);
          for (const key of page)
            yield { asset: { provider: 'memory', key }, size: 0, modifiedAt: new Date(0) };
        }
      },
    }),
  },
  {
    what: 'goes on listing when it is told to end',
    fails: [rule.listAbort],
    break: (memory) => ({ list: ({ signal: _signal, ...rest }) => memory.list(rest) }),
  },
  {
    what: 'makes another file each time',
    fails: [rule.derived],
    break: (memory) => {
      let made = 0;
      return { derivedOf: makes(memory, ({ key }) => [`${key}-${String(made++)}`]) };
    },
  },
  {
    what: 'makes thousands of files',
    fails: [rule.derived],
    break: (memory) => ({
      derivedOf: makes(memory, ({ key }) => Array.from({ length: 2000 }, (_, at) => `${key}-${String(at)}`)),
    }),
  },
  {
    what: 'makes files of another provider',
    fails: [rule.derived],
    break: (memory) => ({
      derivedOf: (asset) =>
        makes(memory, ({ key }) => [`thumbs/${key}`])(asset).map((one) => ({ ...one, provider: 'other' })),
    }),
  },
  {
    what: 'makes a file from itself',
    fails: [rule.derivedInside],
    break: (memory) => ({ derivedOf: makes(memory, ({ key }) => [`thumbs/${key}`, key]) }),
  },
  {
    what: 'makes files outside of the storage',
    fails: [rule.derivedInside],
    break: (memory) => ({ derivedOf: makes(memory, ({ key }) => [`../${key}`]) }),
  },
  {
    what: 'makes files from those of others',
    fails: [rule.derivedForeign],
    break: () => ({ derivedOf: ({ provider, key }) => [{ provider, key: `thumbs/${key}` }] }),
  },
];

/** Files made from those of the storage, and from no others. */
function makes(
  memory: MemoryProvider,
  idsOf: (asset: Asset) => readonly string[],
): NonNullable<StorageProvider['derivedOf']> {
  return (asset) =>
    memory.forms(asset).equal.length === 0
      ? []
      : idsOf(asset).map((key) => ({ provider: asset.provider, key }));
}

function changedForms(
  forms: StoredForms,
  change: (forms: readonly StoredValue[]) => readonly StoredValue[],
): StoredForms {
  const objects = Object.entries(forms.objects ?? {}).map(([path, values]) => [path, change(values)]);
  return {
    ...forms,
    equal: change(forms.equal),
    objects: Object.fromEntries(objects) as typeof forms.objects,
  };
}

function isId(value: unknown): value is mongo.ObjectId {
  return value instanceof mongo.ObjectId;
}

function looksLikeId(value: unknown): value is mongo.ObjectId {
  try {
    return (value as { _bsontype?: unknown } | null)?._bsontype === 'ObjectId';
  } catch {
    return false;
  }
}

function isMemory(value: unknown): value is Record<string, unknown> {
  try {
    return (
      typeof value === 'object' &&
      value !== null &&
      typeof (value as Record<string, unknown>)['memory'] === 'string'
    );
  } catch {
    return false;
  }
}

/** Some have failed, and others were removed. */
function isMixed(outcomes: readonly RemovalOutcome[]): boolean {
  const told = new Set(outcomes.map(({ outcome }) => outcome));
  return told.has('failed') && told.has('removed');
}
