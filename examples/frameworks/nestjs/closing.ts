// docs: closing
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { cleanupFor } from 'mongoose-image-cleanup';

@Injectable()
export class ImageCleanupShutdown implements BeforeApplicationShutdown {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  async beforeApplicationShutdown() {
    await cleanupFor(this.connection).close({ timeoutMs: 5000 }); // finishes the removals that have begun
  }
}
// docs: end
