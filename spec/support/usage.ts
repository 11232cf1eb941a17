import {
  localProvider,
  type ImageCleanupOptions,
  type LocalProviderOptions,
  type StorageProvider,
} from '../../lib/index.js';
import type { AnyDocumentModel, TestApp } from './test-app.js';

/** Options as an app without TypeScript gives them: the plugin itself says what it allows. */
export function untyped(options: object): ImageCleanupOptions {
  return options as ImageCleanupOptions;
}

/** A provider over a folder below the uploads of the testApp; `''` is the whole of them. */
export function folderProvider(
  { uploads }: TestApp,
  folder = '',
  options: LocalProviderOptions = {},
): StorageProvider {
  return localProvider({ root: folder === '' ? uploads.root : uploads.path(folder), ...options });
}

/** Stores documents as they are, past every cast and hook, as an older version of an app or another program did. */
export async function insertRaw(model: AnyDocumentModel, ...documents: object[]): Promise<void> {
  await model.collection.insertMany(documents as never);
}

/** An upload result of multer's disk storage. */
export function multerResult(folder: string, filename: string): Record<string, unknown> {
  return {
    fieldname: 'image',
    originalname: 'holiday.png',
    encoding: '7bit',
    mimetype: 'image/png',
    destination: folder,
    filename,
    path: `${folder.replace(/\/$/, '')}/${filename}`,
    size: 5,
  };
}
