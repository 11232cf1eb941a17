/**
 * An option that belongs elsewhere: the nearest name that is known would be bad advice. `places` says where, by option.
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
