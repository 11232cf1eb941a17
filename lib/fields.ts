export { checkMarks, markedFields } from './fields/marked.js';
export { hasField, imageField, mayComeLater, namedFields } from './fields/named.js';
export { everywhere, spotsOf, type Home } from './fields/spots.js';
export { eitherField, fieldWithin, trackedField, type TrackedField } from './fields/tracked-field.js';
export { isBelowMap, literalDefaults, projectionOf, queryablePath, valuesAt } from './fields/values.js';
