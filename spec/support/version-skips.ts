import {
  hasBulkWriteHooks,
  hasMiddlewareOption,
  hasPipelineOfDocumentUpdate,
  hasSortOfOneUpdate,
  isMongoose82,
} from './versions.js';

/** Specs that show, by the words of their titles, what not every Mongoose can do. */
const NEEDS: readonly { readonly title: RegExp; readonly isPossible: boolean }[] = [
  // that bulk writes do no harm is shown for every version
  { title: /^(?!no harm).*(bulk ?(write|save)|hard link or another name)/i, isPossible: hasBulkWriteHooks },
  { title: /(save without middleware|middleware: false)/, isPossible: hasMiddlewareOption },
  {
    title:
      /nested object$|a mark on a nested path save$|does not match, removes|Model\.bulkSave: a lost connection|Model\.bulkSave names itself/,
    isPossible: !isMongoose82,
  },
  { title: /doc\.updateOne .* a pipeline/, isPossible: hasPipelineOfDocumentUpdate },
  {
    title: /^findOneAnd… (updateOne|replaceOne) removes the file of the document that the sort chose/,
    isPossible: hasSortOfOneUpdate,
  },
];

/** A root hook: a spec in a loop over calls is skipped by its name, where Mongoose cannot do what it shows. */
export const mochaHooks = {
  beforeEach(this: Mocha.Context): void {
    const title = this.currentTest?.fullTitle() ?? '';
    if (NEEDS.some((need) => !need.isPossible && need.title.test(title))) this.skip();
  },
};
