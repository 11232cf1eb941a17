export { checkMarks, markedFields } from './marked-fields.js';
export { hasField, imageField, mayComeLater, namedFields } from './named-fields.js';
export { everywhere, spotsOf, type Home } from './walk.js';
export { eitherField, fieldWithin, trackedField, type TrackedField } from './tracked-field.js';
export { isBelowMap, literalDefaults, projectionOf, queryablePath, valuesAt } from './field-values.js';
