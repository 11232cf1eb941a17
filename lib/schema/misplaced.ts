/**
 * Refuses an option that belongs elsewhere, for which the most similar known name would be wrong advice. `places` has
 * the right place by option.
 *
 * @throws TypeError that names the option and its place.
 */
export function refuseMisplaced(
  owner: string,
  given: unknown,
  places: Readonly<Record<string, string>>,
): void {
  if (typeof given !== 'object' || given === null) return;
  const misplaced = Object.keys(given).find((name) => Object.hasOwn(places, name));
  if (misplaced === undefined) return;
  throw new TypeError(
    `${owner}: unknown option "${misplaced}", which belongs elsewhere; write ${places[misplaced]!}`,
  );
}
