import type { S3ServiceException } from '@aws-sdk/client-s3';

/** What a call fails with. */
async function failureOf(call: Promise<unknown>): Promise<S3ServiceException & { code?: string }> {
  const error: unknown = await call.then(
    () => new Error('no error'),
    (one: unknown) => one,
  );
  return error as S3ServiceException & { code?: string };
}

/** The code of a broken connection, or the name of the error. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  const { code, name } = await failureOf(call);
  return code ?? name;
}

/** The HTTP status of the answer that refuses. */
export async function statusOf(call: Promise<unknown>): Promise<number | undefined> {
  return (await failureOf(call)).$metadata?.httpStatusCode;
}
