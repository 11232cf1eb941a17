import { HttpException, Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { cleanupFor } from 'mongoose-image-cleanup';
import { catchError } from 'rxjs';

export const storedAs = (file?: Express.Multer.File) => file && `/uploads/${file.filename}`;

// docs: unused
@Injectable()
export class UnusedUploads implements NestInterceptor {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  intercept(context: ExecutionContext, next: CallHandler) {
    const request = context.switchToHttp().getRequest<{ file?: Express.Multer.File }>();
    return next.handle().pipe(
      catchError(async (error: Error) => {
        const image = storedAs(request.file);
        if (image) await cleanupFor(this.connection).removeUnused([image]); // no document was saved with it
        throw asHttp(error);
      }),
    );
  }
}
// docs: end

/** Nest answers 500 for whatever is no HttpException. */
function asHttp(error: Error): Error {
  const statuses: Readonly<Record<string, number>> = { ValidationError: 400, DocumentNotFoundError: 404 };
  const status = statuses[error.name];
  return status === undefined ? error : new HttpException(error.message, status);
}
