import { patch, type Mutation } from './mutations.js';

const due = (grep: string): Mutation['spec'] => ({ file: 'spec/journal/due.spec.ts', grep });
const attack = (grep: string): Mutation['spec'] => ({ file: 'spec/journal/attacks.spec.ts', grep });
const fault = (grep: string): Mutation['spec'] => ({ file: 'spec/journal/fail-points.spec.ts', grep });

/** Every protection of the journal, and the spec that must miss it when it is gone. */
export const JOURNAL_MUTATIONS: readonly Mutation[] = [
  {
    name: 'journal: no fingerprint is kept',
    spec: due('uploaded anew under the name'),
    patches: [
      patch(
        'journal/redelivery.ts',
        'if (intended?.fingerprint !== undefined) file.fingerprint = intended.fingerprint;',
        'if (intended?.fingerprint !== undefined) file.fingerprint = undefined;',
      ),
    ],
  },
  {
    name: 'journal: a claim is no lease',
    spec: attack('what a worker has taken is not due'),
    patches: [
      patch(
        'journal/journal.ts',
        "claim: worker, dueAt: { $add: ['$$NOW', leaseMs] }",
        "claim: worker, dueAt: { $add: ['$$NOW', 0 * leaseMs] }",
      ),
    ],
  },
  {
    name: 'journal: the grace time does not begin anew',
    spec: due('its time begins anew'),
    patches: [
      patch(
        'journal/redelivery.ts',
        'return (file) => later.has(identityOfFile(file));',
        'return (file) => later.has(identityOfFile(file)) && false;',
      ),
    ],
  },
  {
    name: 'journal: workers take what is too young',
    spec: attack('not due before its write can be over'),
    patches: [
      patch(
        'journal/journal.ts',
        'Math.max(intent.graceMs, leastWaitOf(intent))',
        'intent.graceMs + 0 * leastWaitOf(intent)',
      ),
    ],
  },
  {
    name: 'journal: the sweep does not look at intents again',
    spec: attack('came into the journal after the sweep'),
    patches: [
      patch(
        'sweep/remove-orphans.ts',
        'intended.has(identityOf(one))',
        "intended.has('' && identityOf(one))",
      ),
    ],
  },
  {
    name: 'journal: it is settled before the outcome',
    spec: due('storage down'),
    patches: [
      patch(
        'journal/entry.ts',
        'if (!this.#isDelivered || this.#open.size > 0 ||',
        'if (!this.#isDelivered ||',
      ),
    ],
  },
  {
    name: 'journal: a worker does not ask',
    spec: due('killed between intent and write'),
    patches: [patch('removal/remover.ts', 'this.#askAndRemove(batch),', 'this.#remove(batch, []),')],
  },
  {
    name: 'journal: foreign keys are taken',
    spec: due('is listed as failed'),
    patches: [
      patch(
        'journal/redelivery.ts',
        'return files.some((file) => identities.has(identityOfFile(file)));',
        'return files.some((file) => identities.has(identityOfFile(file))) || true;',
      ),
    ],
  },
  {
    name: 'journal: an intent is not in the session of its write',
    spec: due('in a transaction that is aborted'),
    patches: [
      patch(
        'journal/journal.ts',
        '...limits(session, timeoutMs)',
        '...limits(session && undefined, timeoutMs)',
      ),
    ],
  },
  {
    name: 'journal: a question that failed settles',
    spec: fault('at the question of a write'),
    patches: [
      patch('journal/file-results.ts', "new Set<KeptReason>(['unanswered', ", 'new Set<KeptReason>(['),
    ],
  },
  {
    name: 'journal: tampered intents are not told from others',
    spec: attack('a tampered intent'),
    patches: [patch('journal/redelivery.ts', 'if (flaw !== undefined) {', "if (flaw === '') {")],
  },
  {
    name: 'journal: keys of all storages are the same',
    spec: attack('keys of several storages'),
    patches: [
      patch('journal/intent.ts', 'return `${kind}\\0${key}`;', "return `${kind && 'local'}\\0${key}`;"),
    ],
  },
  {
    name: 'journal: an erasure forgets newer intents',
    spec: attack('announced after it'),
    patches: [
      patch('journal/files-of-intents.ts', 'writtenAt: { $lt: before },', 'writtenAt: { $ne: before },'),
    ],
  },
  {
    name: 'journal: a worker keeps what it cannot deliver',
    spec: attack('several connections'),
    patches: [patch('journal/undeliverable.ts', 'isLacking ? 0 : LEFT_MS', 'isLacking ? LEFT_MS : LEFT_MS')],
  },
  {
    name: 'journal: switched-off workers work',
    spec: attack('where the cleanup is off'),
    patches: [
      patch('journal/redelivery.ts', 'if (off !== undefined) return off;', "if (off === '') return off;"),
    ],
  },
  {
    name: 'journal: a repeated upload is not announced anew',
    spec: attack('repeated under its name'),
    patches: [patch('journal/announce-anew.ts', 'if (!alsoAsking) return', 'if (alsoAsking ?? true) return')],
  },
  {
    name: 'journal: of twins on several servers one is asked',
    spec: attack('on several servers'),
    patches: [
      patch('journal/redelivery.ts', 'others.push(...known);', 'others.push(known[0]!);'),
      patch('journal/redelivery.ts', 'alsoAsking.filter((one) => one === name).length', '1'),
    ],
  },
  {
    name: 'journal: it may lie in the collection of a model',
    spec: attack('collection of a model'),
    patches: [patch('journal/journal-of.ts', '  refuseCollectionOf(model.db, settings.collection);\n', '')],
  },
  {
    name: 'journal: an interrupted write settles its intent',
    spec: attack('interrupted'),
    patches: [patch('writes/after-write.ts', ' && isCertain(error)', ' && (isCertain(error) || true)')],
  },
];
