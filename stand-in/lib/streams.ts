import { Long } from 'bson';
import type { PipelineScope } from './aggregate.js';
import { LEFT_OUT as LEFT_OUT_STAGES, isKnownStage, runPipeline } from './aggregate.js';
import { identical } from './compare.js';
import type { Batch, CursorSource } from './cursors.js';
import { difference } from './difference.js';
import { CommandError, NOT_RESUMABLE, unknownField } from './errors.js';
import { leftOut } from './match.js';
import type { Operation } from './operation.js';
import { scopeOf } from './operation.js';
import type { OplogEntry, Store } from './store.js';
import type { Document } from './values.js';
import { isDocument, show } from './values.js';
import { Timestamp } from 'bson';

const FIELDS = [
  'fullDocument',
  'fullDocumentBeforeChange',
  'resumeAfter',
  'startAfter',
  'startAtOperationTime',
  'allChangesForCluster',
];
const LEFT_OUT = ['showExpandedEvents', 'showSystemEvents', 'showRawUpdateDescription'];

const PERMITTED_STAGES = [
  '$addFields',
  '$match',
  '$project',
  '$replaceRoot',
  '$replaceWith',
  '$redact',
  '$set',
  '$unset',
];

interface StreamOptions {
  database: string;
  /** Nothing: all collections of the database, or of all databases. */
  collection: string | undefined;
  wholeCluster: boolean;
  fullDocument: unknown;
  fullDocumentBeforeChange: unknown;
  pipeline: Document[];
  scope: PipelineScope;
}

/** The reply of an aggregate that begins with `$changeStream`. */
export function openChangeStream(operation: Operation): Document {
  const { command, database, services, session, transaction } = operation;
  if (transaction) throw new CommandError(263, 'Operation not permitted in transaction :: $changeStream');
  const [first, ...pipeline] = command['pipeline'] as [Document, ...Document[]];
  const spec = (first['$changeStream'] ?? {}) as Document;
  for (const field of Object.keys(spec)) {
    if (LEFT_OUT.includes(field) && spec[field] === false) continue;
    if (LEFT_OUT.includes(field)) throw leftOut(`$changeStream.${field}`);
    if (!FIELDS.includes(field)) throw unknownField(`$changeStream.${field}`);
  }
  pipeline.forEach(checkStage);
  checkChoice('fullDocument', spec['fullDocument'], ['default', 'updateLookup', 'whenAvailable', 'required']);
  checkChoice('fullDocumentBeforeChange', spec['fullDocumentBeforeChange'], [
    'off',
    'whenAvailable',
    'required',
  ]);
  const collection = typeof command['aggregate'] === 'string' ? command['aggregate'] : undefined;
  const wholeCluster = spec['allChangesForCluster'] === true;
  const stream = new ChangeStream(services.store, startOf(services.store, spec), {
    database,
    collection,
    wholeCluster,
    fullDocument: spec['fullDocument'] ?? 'default',
    fullDocumentBeforeChange: spec['fullDocumentBeforeChange'] ?? 'off',
    pipeline,
    scope: scopeOf(operation, undefined),
  });
  const namespace = `${database}.${collection ?? '$cmd.aggregate'}`;
  return services.cursors.reply(namespace, stream, command, session);
}

function checkStage(stage: Document): void {
  const [name = ''] = Object.keys(stage);
  if (PERMITTED_STAGES.includes(name)) return;
  if (LEFT_OUT_STAGES.includes(name)) throw leftOut(name);
  if (isKnownStage(name)) throw new CommandError(20, `${name} is not permitted in a $changeStream pipeline`);
  throw new CommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
}

function checkChoice(field: string, value: unknown, choices: string[]): void {
  if (value === undefined || choices.includes(String(value))) return;
  throw new CommandError(
    2,
    `Enumeration value '${String(value)}' for field '$changeStream.${field}' is not a valid value.`,
  );
}

/** The number of the last oplog entry that the stream is not to show. */
function startOf(store: Store, spec: Document): number {
  const { resumeAfter, startAfter, startAtOperationTime } = spec;
  const token = resumeAfter ?? startAfter;
  if (token !== undefined) {
    const { sequence, isInvalidate } = parseToken(token);
    if (isInvalidate && resumeAfter !== undefined) {
      throw new CommandError(
        260,
        "Attempting to resume a change stream using 'resumeAfter' is not allowed from an invalidate notification.",
      );
    }
    return sequence;
  }
  if (!(startAtOperationTime instanceof Timestamp)) return store.sequence;
  const next = store.oplog.find(({ clusterTime }) => clusterTime.compare(startAtOperationTime) >= 0);
  return next ? next.sequence - 1 : store.sequence;
}

function tokenOf(sequence: number, isInvalidate = false): Document {
  return { _data: (isInvalidate ? '83' : '82') + sequence.toString(16).toUpperCase().padStart(16, '0') };
}

function parseToken(token: unknown): { sequence: number; isInvalidate: boolean } {
  const data = isDocument(token) ? token['_data'] : undefined;
  const match = typeof data === 'string' ? /^8([23])([0-9A-F]{16})$/.exec(data) : undefined;
  if (!match) throw new CommandError(260, `Bad resume token: ${show(token)}`);
  return { sequence: parseInt(match[2]!, 16), isInvalidate: match[1] === '3' };
}

/** A cursor over the oplog. It pulls when it is asked, so a slow reader costs nothing. */
class ChangeStream implements CursorSource {
  private readonly queue: Document[] = [];
  private isInvalid = false;
  private waiting: (() => void) | undefined;

  constructor(
    private readonly store: Store,
    private sequence: number,
    private readonly options: StreamOptions,
  ) {}

  next(limit: number): Batch {
    this.pull();
    const documents = this.queue.splice(0, limit);
    const last = documents.at(-1);
    const resumeToken = this.queue.length && last ? (last['_id'] as Document) : tokenOf(this.sequence);
    return { documents, exhausted: this.isInvalid && this.queue.length === 0, resumeToken };
  }

  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting = () => {
        this.store.off('change', this.waiting!);
        this.waiting = undefined;
        resolve();
      };
      this.store.on('change', this.waiting);
    });
  }

  wake(): void {
    this.waiting?.();
  }

  private pull(): void {
    const { oplog } = this.store;
    const oldest = oplog[0]?.sequence ?? this.store.sequence + 1;
    if (this.sequence < oldest - 1) {
      throw new CommandError(
        286,
        'Resume of change stream was not possible, as the resume point may no longer be in the oplog.',
      ).labelled(NOT_RESUMABLE);
    }
    for (let i = this.sequence - oldest + 1; i < oplog.length && !this.isInvalid; i++) {
      const entry = oplog[i]!;
      this.sequence = entry.sequence;
      if (this.concerns(entry)) this.show(entry);
    }
  }

  private concerns({ operation, ns }: OplogEntry): boolean {
    const { database, collection, wholeCluster } = this.options;
    if (wholeCluster) return !['admin', 'config', 'local'].includes(ns.db);
    if (ns.db !== database) return false;
    if (collection === undefined) return true;
    return operation === 'dropDatabase' ? false : ns.coll === collection;
  }

  private show(entry: OplogEntry): void {
    this.enqueue(this.eventOf(entry));
    const { collection, wholeCluster } = this.options;
    const ends = collection === undefined ? ['dropDatabase'] : ['drop'];
    if (wholeCluster || !ends.includes(entry.operation)) return;
    const { clusterTime, wallTime } = entry;
    this.enqueue({ _id: tokenOf(entry.sequence, true), operationType: 'invalidate', clusterTime, wallTime });
    this.isInvalid = true;
  }

  private enqueue(event: Document): void {
    for (const shown of runPipeline([event], this.options.pipeline, this.options.scope)) {
      if (!identical(shown['_id'], event['_id'])) {
        throw new CommandError(
          280,
          'Encountered an event whose _id field, which contains the resume token, was modified by the pipeline. ' +
            'Modifying the _id field of an event makes it impossible to resume the stream from that point. Only ' +
            'transformations that retain the unmodified _id field are allowed. Expected: ' +
            `${show(event['_id'])} but found: ${show(shown['_id'])}`,
        ).labelled(NOT_RESUMABLE);
      }
      this.queue.push(shown);
    }
  }

  private eventOf(entry: OplogEntry): Document {
    const { operation, clusterTime, wallTime, transaction, ns, id, before, after } = entry;
    const event: Document = { _id: tokenOf(entry.sequence), operationType: operation, clusterTime, wallTime };
    if (transaction) {
      event['txnNumber'] = Long.fromNumber(transaction.txnNumber);
      event['lsid'] = transaction.lsid;
    }
    if (operation === 'insert' || operation === 'replace') event['fullDocument'] = after;
    if (operation === 'update') this.addUpdate(event, entry);
    event['ns'] = ns;
    if (id !== undefined) event['documentKey'] = { _id: id };
    if (operation === 'update') event['updateDescription'] = difference(before!, after!);
    if (['update', 'replace', 'delete'].includes(operation)) this.addPreImage(event, entry);
    return event;
  }

  private addUpdate(event: Document, { ns, id, after, hasPreImage }: OplogEntry): void {
    const { fullDocument } = this.options;
    if (fullDocument === 'default') return;
    if (fullDocument === 'updateLookup') {
      const collection = this.store.collection(ns.db, ns.coll!);
      event['fullDocument'] = collection?.records.get(collection.keyOf(id)) ?? null;
    } else if (hasPreImage || fullDocument === 'whenAvailable') {
      event['fullDocument'] = hasPreImage ? after : null;
    } else {
      throw missingImage('post-image', event);
    }
  }

  private addPreImage(event: Document, { before, hasPreImage }: OplogEntry): void {
    const { fullDocumentBeforeChange } = this.options;
    if (fullDocumentBeforeChange === 'off') return;
    if (!hasPreImage && fullDocumentBeforeChange === 'required') throw missingImage('pre-image', event);
    event['fullDocumentBeforeChange'] = hasPreImage ? before : null;
  }
}

function missingImage(kind: string, event: Document): CommandError {
  return new CommandError(
    47,
    `Change stream was configured to require a ${kind} for all update, delete and replace events, but the ${kind} ` +
      `was not found for event: ${show(event['_id'])}`,
  ).labelled(NOT_RESUMABLE);
}
