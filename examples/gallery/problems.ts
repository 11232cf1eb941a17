import type { ErrorRequestHandler } from 'express';
import { Error as MongooseErrors, mongo, MongooseError } from 'mongoose';
import { MulterError } from 'multer';

/** An error to show to the user, with the HTTP status. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const NO_MONGODB =
  'The gallery has no connection to its MongoDB; nothing was changed. Try again when the connection is back.';

/** Answers every error with a status and one sentence. Unexpected errors go to the log, never to the client. */
export function problemHandler(log: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const problem = problemOf(error);
    if (problem.status >= 500 && problem.status !== 503) log(error);
    if (response.headersSent) {
      next(error);
      return;
    }
    response.status(problem.status).json({ problem: problem.message });
  };
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof MulterError) return uploadProblem(error);
  if (error instanceof MongooseErrors.ValidationError) {
    return new Problem(
      400,
      Object.values(error.errors)
        .map(({ message }) => message)
        .join(' '),
    );
  }
  if (error instanceof MongooseErrors.VersionError || error instanceof MongooseErrors.DocumentNotFoundError) {
    return new Problem(409, 'This album was changed at the same time. Check it and try again.');
  }
  if (error instanceof mongo.MongoServerError && error.code === 11000) {
    return new Problem(409, 'This album already exists.');
  }
  if (isTransactionRefused(error)) {
    return new Problem(501, 'This MongoDB is a standalone server; transactions need a replica set.');
  }
  if (isWithoutMongoDB(error)) return new Problem(503, NO_MONGODB);
  return (
    requestProblem(error) ?? new Problem(500, 'The gallery had an internal error. See its log for details.')
  );
}

function uploadProblem({ code }: MulterError): Problem {
  if (code === 'LIMIT_FILE_SIZE') return new Problem(413, 'An image may have at most 5 MB.');
  if (code === 'LIMIT_FILE_COUNT' || code === 'LIMIT_UNEXPECTED_FILE' || code === 'LIMIT_PART_COUNT') {
    return new Problem(400, 'Too many images, or an image in a field that accepts none.');
  }
  if (code === 'LIMIT_FIELD_VALUE') return new Problem(413, 'A value is too long.');
  return new Problem(400, 'The upload is not a valid form.');
}

function isTransactionRefused(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === 20;
}

function isWithoutMongoDB(error: unknown): boolean {
  return (
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError ||
    error instanceof mongo.MongoNotConnectedError ||
    error instanceof mongo.MongoTopologyClosedError ||
    // the drivers of Mongoose 7 and of early versions of 8 have no class for it
    (error instanceof Error && error.name === 'MongoClientClosedError') ||
    (error instanceof MongooseError && /initial connection|not connected|buffering/i.test(error.message))
  );
}

/** Express, its body parser and multer's parser report mistakes of the client by a status or a plain error. */
function requestProblem(error: unknown): Problem | undefined {
  const { status, type, message } = (error ?? {}) as { status?: unknown; type?: unknown; message?: unknown };
  if (type === 'entity.too.large') return new Problem(413, 'The request is too large.');
  if (type === 'entity.parse.failed') return new Problem(400, 'The request is not valid JSON.');
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Problem(status, 'The request is not valid.');
  }
  if (
    typeof message === 'string' &&
    /multipart|unexpected end of form|malformed part|request (aborted|closed)/i.test(message)
  ) {
    return new Problem(400, 'The upload is incomplete or is not a form.');
  }
  return undefined;
}
