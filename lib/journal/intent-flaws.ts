type Fields = Record<string, unknown>;

/** What is wrong with a document of the journal that this package cannot have written; `undefined` if nothing is. */
export function flawOf(intent: unknown): string | undefined {
  const { model, operation, isDelete, alsoAsking, collections, values, graceMs, tries, writtenAt } =
    intent as Fields;
  const flaws: [isWrong: boolean, name: string][] = [
    [typeof model !== 'string', 'model'],
    [typeof operation !== 'string', 'operation'],
    [typeof isDelete !== 'boolean', 'isDelete'],
    [alsoAsking !== undefined && !areAll(alsoAsking, isText), 'alsoAsking'],
    [collections !== undefined && !areAll(collections, isText), 'collections'],
    [!areAll(values, isValue), 'values'],
    [!isCount(graceMs), 'graceMs'],
    [!isCount(tries), 'tries'],
    [!(writtenAt instanceof Date), 'writtenAt'],
  ];
  const flaw = flaws.find(([isWrong]) => isWrong);
  return flaw && `"${flaw[1]}" has a value that the journal never writes, so somebody has changed the intent`;
}

function isValue(given: unknown): boolean {
  const { field, documentIds, files } = (given ?? {}) as Fields;
  return (
    (field === null || typeof field === 'string') &&
    Array.isArray(documentIds) &&
    areAll(files, isFile) &&
    (files as unknown[]).length > 0
  );
}

function isFile(given: unknown): boolean {
  const { provider, kind, key, fingerprint } = (given ?? {}) as Fields;
  return [provider, kind, key, fingerprint ?? ''].every(isText);
}

function areAll(given: unknown, isRight: (one: unknown) => boolean): boolean {
  return Array.isArray(given) && given.every(isRight);
}

function isText(given: unknown): boolean {
  return typeof given === 'string';
}

function isCount(given: unknown): boolean {
  return typeof given === 'number' && given >= 0;
}
