/** An answer of S3 that refuses: `<Error><Code>…`. */
export class S3Error extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string = code,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export const noSuchKey = (headers: Readonly<Record<string, string>> = {}): S3Error =>
  new S3Error('NoSuchKey', 404, 'The specified key does not exist.', headers);

export const preconditionFailed = (): S3Error =>
  new S3Error('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold');

export const malformedXml = (): S3Error =>
  new S3Error('MalformedXML', 400, 'The XML you provided was not well-formed or did not follow the schema');

export const notImplemented = (what: string): S3Error =>
  new S3Error('NotImplemented', 501, `The local S3 of the specs does not know ${what}`);
