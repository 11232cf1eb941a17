import type { Schema } from 'mongoose';
import type { CleanupOptions } from './checked-options.js';
import type { AnyModel } from './options.js';
import { childFieldsOf, hasPlugin } from './model-fields.js';
import { warn } from '../shared/isolated.js';

interface SubdocumentInside {
  readonly $isSubdocument?: boolean;
  ownerDocument?(): { readonly constructor: AnyModel };
}

const TOLD = Symbol.for('mongoose-image-cleanup:child-schemas-told:1');

/**
 * The files of sub-documents are handled by the hooks of the parent schema. If no parent has the plugin, a call on the
 * schema of sub-documents has no effect, which is logged at the first save.
 */
export function tellWhereParentLacksPlugin(schema: Schema, options: CleanupOptions): void {
  const hook = function (this: unknown): void {
    const document = this as SubdocumentInside;
    if (document.$isSubdocument !== true) return;
    try {
      const model = document.ownerDocument?.().constructor;
      if (typeof model === 'function') tellOnce(model, options);
    } catch {
      // a warning is no reason to fail a write
    }
  };
  schema.pre('save', hook as never);
}

function tellOnce(model: AnyModel, options: CleanupOptions): void {
  if (Object.hasOwn(model, TOLD)) return;
  Object.defineProperty(model, TOLD, { value: true });
  if (typeof model.modelName !== 'string' || hasPlugin(model)) return;
  const paths = childFieldsOf(model)
    .map((path) => `'${path}'`)
    .join(', ');
  const name = `${model.modelName.charAt(0).toLowerCase()}${model.modelName.slice(1)}Schema`;
  warn(
    options,
    `the plugin on a schema of sub-documents has no effect if the parent schema does not have it; apply ` +
      `it to the schema of "${model.modelName}" before mongoose.model(): ${name}.plugin(imageCleanup, { fields: [${paths}] })`,
  );
}
