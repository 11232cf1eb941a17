import type { Schema } from 'mongoose';
import { everywhere, spotsOf, type Home } from './fields.js';
import { applicationsOf, type Application } from './plugin-calls.js';

/** A plugin call on the schema of sub-documents, and where they lie. */
export interface ChildCall {
  readonly home: Home;
  readonly application: Application;
}

/** Plugin calls on the schemas that a schema contains, at any depth, those of embedded discriminators among them. */
export function childCallsOf(schema: Schema): ChildCall[] {
  const homes = new Map<string, Map<Schema, Home>>();
  const note = (home: Home): void => {
    const here = homes.get(home.prefix) ?? new Map<Schema, Home>();
    homes.set(home.prefix, here.set(home.schema, home));
  };
  for (const { home } of spotsOf(schema, everywhere)) if (home.prefix !== '') note(home);
  return [...homes.values()]
    .flatMap((here) => [...here.values()])
    .flatMap((home) => applicationsOf(home.schema).map((application) => ({ home, application })));
}
