import { isText, refuse } from '../shared/option-rules.js';
import { requireParsers, type Places } from '../texts/parsers.js';
import { parsersFor, TextReader, type TextFormat } from '../texts/text-reader.js';

/** Called with what is wrong with a text of the app. */
export type Tell = (what: string) => void;

const FORMATS = ['html', 'markdown', 'json'];

/** Where the option is given. */
interface Place {
  /** The name of the option in errors. */
  readonly name: string;
  readonly path: string;
  readonly tell: Tell;
  readonly places?: Places;
}

/**
 * How the texts of a field are read; `undefined` if its values are images.
 *
 * @throws TypeError for an unknown format and for an `index` without a format; Error if the parser is not installed.
 */
export function readText(given: { in?: unknown; index?: unknown }, place: Place): TextReader | undefined {
  const { in: format, index } = given;
  const { name, path, tell, places } = place;
  if (index !== undefined && !isText(index)) {
    refuse({ owner: 'imageCleanup', name: `${name}.index`, given: index, allowed: 'a schema path' });
  }
  if (format === undefined) {
    if (index === undefined) return undefined;
    throw new TypeError(
      `imageCleanup: the option "${name}.index" is given without "in", which says how the text is read; ` +
        "write { path, in: 'html', index }",
    );
  }
  if (!isFormat(format)) {
    const allowed = "'html', 'markdown', 'json' or a function";
    refuse({ owner: 'imageCleanup', name: `${name}.in`, given: format, allowed });
  }
  requireParsers(`the field "${path}" with in: '${String(format)}'`, parsersFor(format), places);
  return new TextReader(format, {
    index,
    places,
    tell: (what) => {
      tell(`a text of the field "${path}" could not be read, so nothing is removed for it: ${what}`);
    },
  });
}

function isFormat(one: unknown): one is TextFormat {
  return typeof one === 'function' || FORMATS.includes(one as string);
}

export function isSameText(one: TextReader | undefined, other: TextReader | undefined): boolean {
  return one?.format === other?.format && one?.index === other?.index;
}
