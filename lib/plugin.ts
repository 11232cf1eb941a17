import type { Schema } from 'mongoose';
import { markedFields } from './fields.js';
import { cleanUpAfterBulkWrites } from './middleware/bulk-write.js';
import { cleanUpAfterDeletes } from './middleware/delete.js';
import { cleanUpAfterSaves, saveHook } from './middleware/save.js';
import { cleanUpAfterUpdates } from './middleware/update.js';
import { areSameOptions, checkOptions, type AnySchema, type ImageCleanupOptions } from './options.js';
import { applicationFor, applicationsOf, rememberApplication } from './tracking.js';

/**
 * Mongoose plugin: a file that no document uses any more is removed, whichever Mongoose call made it so, after the write
 * was acknowledged (in a transaction: after the commit); a file still in use is never touched.
 *
 * ```ts
 * schema.plugin(imageCleanup, { fields: ['image'] });
 * ```
 *
 * @throws TypeError for a wrong or unknown option, an unknown field, neither `fields` nor marked paths, or a second
 * application with other options.
 */
export function imageCleanup(schema: AnySchema, options: ImageCleanupOptions = {}): void {
  const checked = checkOptions(options);
  if (!checked.fields && markedFields(schema).length === 0) {
    if (isAppliedGlobally(schema, options)) return;
    throw new TypeError(
      "imageCleanup: nothing to track; name the fields, schema.plugin(imageCleanup, { fields: ['image'] }), " +
        'or mark paths, image: { type: String, imageCleanup: true }',
    );
  }
  const earlier = applicationsOf(schema);
  if (earlier.some((one) => areSameOptions(one.options, checked))) return;
  if (earlier.length > 0) {
    throw new TypeError(
      'imageCleanup: the schema has the plugin already, with other options; apply it once, with all fields',
    );
  }
  const hook = saveHook();
  rememberApplication(hook, applicationFor(schema, checked));
  cleanUpAfterSaves(schema, hook);
  cleanUpAfterUpdates(schema);
  cleanUpAfterDeletes(schema);
  cleanUpAfterBulkWrites(schema);
}

/** By `mongoose.plugin()` or `connection.plugin()`, which reach every schema of an app, also those without images. */
function isAppliedGlobally(schema: Schema, options: ImageCleanupOptions): boolean {
  const marks = schema as { $globalPluginsApplied?: boolean; $connectionPluginsApplied?: boolean };
  return (
    options.deduplicate === true ||
    marks.$globalPluginsApplied === true ||
    marks.$connectionPluginsApplied === true
  );
}
