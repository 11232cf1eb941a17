import fse from 'fs-extra';
import { Schema } from 'mongoose';
import {
  cleanupFor,
  doctor,
  imageCleanup,
  localProvider,
  sweep,
  type DoctorReport,
  type ImageCleanupOptions,
  type LocalProviderOptions,
  type SweepReport,
} from '../../lib/index.js';
import { captureConsole } from './console.js';
import { testApp, type AnyDocumentModel, type TestApp } from './test-app.js';

/**
 * A shop as somebody wrote it who has read the README and nothing else: users with avatars, products with pictures, articles
 * with pictures in their text, banners without the plugin, thumbnails and the app's own files beside the uploads. Each mistake
 * is made on purpose; what the library prints and throws is collected.
 */
export class BrokenApp {
  readonly #testApp: TestApp;
  #models = 0;

  private constructor(made: TestApp) {
    this.#testApp = made;
  }

  static async open(): Promise<BrokenApp> {
    const app = new BrokenApp(await testApp());
    await app.#testApp.uploads.put('ada.png', 'default.png', 'chair.png', 'article.png', 'banner.png');
    await app.#testApp.uploads.put('index.html', 'thumbs/ada.png', 'thumbs/chair.png');
    return app;
  }

  get root(): string {
    return this.#testApp.uploads.root;
  }

  files(): Promise<string[]> {
    return this.#testApp.uploads.names();
  }

  provider(options: LocalProviderOptions = {}): ImageCleanupOptions['provider'] {
    return localProvider({ root: this.root, ...options });
  }

  schema(definition: object, options: ImageCleanupOptions = {}): Schema {
    const schema = new Schema(definition as Record<string, object>);
    schema.plugin(imageCleanup, { fields: ['image'], provider: this.provider(), ...options });
    return schema;
  }

  /** A model with the plugin and its collection. Without a logger, as most apps: everything goes to the console. */
  async model(
    name: string,
    definition: object,
    options: ImageCleanupOptions = {},
  ): Promise<AnyDocumentModel> {
    const model = this.#testApp.connection.model(name, this.schema(definition, options)) as AnyDocumentModel;
    await model.init();
    return model;
  }

  /** A model that never got the plugin. */
  async plainModel(name: string, definition: object): Promise<AnyDocumentModel> {
    const schema = new Schema(definition as Record<string, object>);
    const model = this.#testApp.connection.model(name, schema) as unknown as AnyDocumentModel;
    await model.init();
    return model;
  }

  nextName(): string {
    return `Shop${String(++this.#models)}`;
  }

  /** What a mistake throws or prints while it is made and used. */
  async told(make: () => unknown): Promise<string> {
    const thrown: string[] = [];
    const printed = await captureConsole(async () => {
      try {
        await make();
      } catch (error) {
        thrown.push(`${(error as Error).name}: ${(error as Error).message}`);
      }
      await cleanupFor(this.#testApp.connection).idle();
    });
    return [...thrown, ...printed].join('\n');
  }

  doctor(...models: AnyDocumentModel[]): Promise<DoctorReport> {
    return doctor({ models });
  }

  /** As the command with `--remove` would, a day later. */
  sweep(...models: AnyDocumentModel[]): Promise<SweepReport> {
    return sweep({ models, remove: true, olderThan: 0, maxShare: 1 });
  }

  async emptyFolder(name: string): Promise<string> {
    const path = this.#testApp.uploads.path(`../${name}`);
    await fse.ensureDir(path);
    return path;
  }
}
