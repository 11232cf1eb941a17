import { CommandError, RESUMABLE, RETRYABLE_WRITE, TRANSIENT } from './errors.js';
import { isResumableCode, isRetryableCode, isTransientCode } from './errors.js';
import type { Document } from './values.js';
import { isDocument, isNumeric, optionalNumber, toNumber } from './values.js';

const KNOWN = ['failCommand', 'onPrimaryTransactionalWrite', 'failGetMoreAfterCursorCheckout'];

class FailPoint {
  timesEntered = 0;
  private skip: number;
  private times: number;

  constructor(
    mode: unknown,
    readonly data: Document,
  ) {
    const { skip, times } = isDocument(mode) ? mode : { skip: 0, times: Infinity };
    this.skip = optionalNumber(skip) ?? 0;
    this.times = optionalNumber(times) ?? Infinity;
  }

  /** Whether it is the turn of this fail point; counts when it is. */
  enter(): boolean {
    if (this.skip > 0) {
      this.skip--;
      return false;
    }
    if (this.times <= 0) return false;
    this.times--;
    this.timesEntered++;
    return true;
  }
}

/** The fail points that drivers' and this library's specs use. */
export class FailPoints {
  private readonly active = new Map<string, FailPoint>();

  configure(name: unknown, mode: unknown, data: unknown): Document {
    if (typeof name !== 'string' || !KNOWN.includes(name)) {
      throw new CommandError(9, `Cannot find fail point: ${String(name)}`);
    }
    const count = this.active.get(name)?.timesEntered ?? 0;
    if (mode === 'off') this.active.delete(name);
    else if (mode === 'alwaysOn' || (isDocument(mode) && ('times' in mode || 'skip' in mode))) {
      this.active.set(name, new FailPoint(mode, isDocument(data) ? data : {}));
    } else {
      throw new CommandError(9, `unknown mode for fail point ${name}`);
    }
    return { count };
  }

  /** The data of failCommand, if this command is to fail. */
  forCommand(name: string, applicationName: string | undefined): Document | undefined {
    const failPoint = this.active.get('failCommand');
    const { failCommands, appName } = failPoint?.data ?? {};
    if (!Array.isArray(failCommands) || !failCommands.includes(name)) return undefined;
    if (appName !== undefined && appName !== applicationName) return undefined;
    return failPoint?.enter() ? failPoint.data : undefined;
  }

  /** Data of the fail point that ends the connection at a retryable write, before or after it was done. */
  forRetryableWrite(): Document | undefined {
    const failPoint = this.active.get('onPrimaryTransactionalWrite');
    return failPoint?.enter() ? failPoint.data : undefined;
  }

  forGetMore(): CommandError | undefined {
    const failPoint = this.active.get('failGetMoreAfterCursorCheckout');
    if (!failPoint?.enter()) return undefined;
    const code = optionalNumber(failPoint.data['errorCode']) ?? 2;
    const error = new CommandError(code, "Failing getMore via 'failGetMoreAfterCursorCheckout' failpoint");
    return isResumableCode(code) ? error.labelled(RESUMABLE) : error;
  }
}

/** The error that failCommand gives, with the labels that MongoDB sets for its code unless the data says which. */
export function failCommandError(data: Document, name: string, command: Document): CommandError | undefined {
  if (!isNumeric(data['errorCode'])) return undefined;
  const code = toNumber(data['errorCode']);
  const error = new CommandError(code, `Failing command via 'failCommand' failpoint`, extraInfo(data));
  if (Array.isArray(data['errorLabels'])) return error.labelled(...data['errorLabels'].map(String));
  const isEnd = name === 'commitTransaction' || name === 'abortTransaction';
  const isRetryable = isRetryableWrite(command, isEnd) && isRetryableCode(code);
  if (isRetryable) error.labelled(RETRYABLE_WRITE);
  const inTransaction = command['autocommit'] === false;
  const isTransient = isEnd
    ? name === 'commitTransaction' && (isTransientCode(code) || code === 267)
    : inTransaction && (isTransientCode(code) || isRetryableCode(code));
  return isTransient ? error.labelled(TRANSIENT) : error;
}

export function failCommandLabels(data: Document, name: string, command: Document): string[] {
  if (Array.isArray(data['errorLabels'])) return data['errorLabels'].map(String);
  const { code } = data['writeConcernError'] as Document;
  const isEnd = name === 'commitTransaction' || name === 'abortTransaction';
  return isRetryableWrite(command, isEnd) && isRetryableCode(Number(code)) ? [RETRYABLE_WRITE] : [];
}

function isRetryableWrite(command: Document, isEnd: boolean): boolean {
  return command['txnNumber'] !== undefined && (command['autocommit'] === undefined || isEnd);
}

function extraInfo(data: Document): Document {
  return isDocument(data['errorExtraInfo']) ? data['errorExtraInfo'] : {};
}
