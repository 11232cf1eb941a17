/** A step of a process at which it kills itself: a command of MongoDB before it is sent or after its answer, or an `unlink`. */
export interface Step {
  readonly when: 'before' | 'after';
  /** The name of the command, or `unlink`. */
  readonly what: string;
  /** Whether the command is about intents or about documents; absent: either, or neither. */
  readonly about?: 'intents' | 'documents';
}

/** What a process writes when it is connected. */
export const AT_WORK = 'at work\n';
/** What a process writes when it may be killed. */
export const IS_RIPE = 'ripe\n';

/** It kills itself when it comes to the step for the n-th time; without a step it is ripe after so many commands. */
export interface Death {
  readonly step?: Step;
  readonly count: number;
}

/** What a process of an episode is told, as one line of JSON on its standard input. */
export interface Task {
  readonly role: 'writer' | 'worker';
  readonly uri: string;
  readonly root: string;
  readonly seed: number;
  /** Of the process: of its uploads, its documents and its stock. */
  readonly name: string;
  readonly death: Death;
}

const about = (what: string, ...those: NonNullable<Step['about']>[]): Step[] =>
  those.flatMap((one) => [
    { when: 'before', what, about: one },
    { when: 'after', what, about: one },
  ]);
const plain = (what: string): Step[] => [
  { when: 'before', what },
  { when: 'after', what },
];

/** Of a writer: look-up, intent, write, question, removal, settlement, commit. */
export const WRITER_STEPS: readonly Step[] = [
  ...about('find', 'documents', 'intents'),
  ...about('update', 'intents', 'documents'),
  ...about('delete', 'documents', 'intents'),
  ...about('findAndModify', 'documents'),
  ...about('insert', 'documents'),
  ...plain('unlink'),
  ...plain('commitTransaction'),
];

/** Of a worker: look for due intents, claim, question, removal, settlement. */
export const WORKER_STEPS: readonly Step[] = [
  ...about('find', 'intents', 'documents'),
  ...about('update', 'intents'),
  ...about('delete', 'intents'),
  ...plain('unlink'),
];

export function nameOfStep({ when, what, about: those }: Step): string {
  return `${when} ${what}${those ? ` of ${those}` : ''}`;
}
