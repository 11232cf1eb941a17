import Quill from 'quill';
import { AWKWARD, AWKWARD_NAMES, namesOf, PICTURES, place } from './pictures.js';

/** By the API that its toolbar uses, and by pasting HTML. */
export async function write() {
  const { plain, list, linked, target, table } = PICTURES;
  const quill = new Quill(place(), { modules: { table: true, toolbar: false }, theme: 'snow' });
  const append = (src, formats = {}) => {
    const at = quill.getLength() - 1;
    quill.insertEmbed(at, 'image', src, Quill.sources.USER);
    quill.formatText(at, 1, formats, Quill.sources.USER);
    quill.insertText(at + 1, '\n', Quill.sources.USER);
    return at;
  };
  append(plain, { alt: 'Plain "one"', width: '300' });
  quill.formatLine(append(list), 1, { list: 'bullet' }, Quill.sources.USER);
  append(linked, { link: target });
  const ordinary = outputs(quill, 'by its API', namesOf(plain, list, linked, target));

  quill.setContents([{ insert: '\n' }]);
  quill.clipboard.dangerouslyPasteHTML(
    `<p>Pasted <img src="${plain}" alt="x"></p><table><tbody><tr><td><img src="${table}"></td></tr></tbody></table>`,
    Quill.sources.USER,
  );
  const shown = quill.root.innerHTML;
  const pasted = outputs(
    quill,
    'pasted',
    namesOf(plain, table).filter((name) => shown.includes(name)),
  );

  quill.setContents([{ insert: '\n' }]);
  for (const { src } of AWKWARD) append(src);
  return [...ordinary, ...pasted, ...outputs(quill, 'awkward names', AWKWARD_NAMES)];
}

function outputs(quill, what, images) {
  return [
    { format: 'json', what: `Delta, ${what}`, value: quill.getContents(), images },
    { format: 'html', what: `the editor's own, ${what}`, value: quill.root.innerHTML, images },
    { format: 'html', what: `semantic, ${what}`, value: quill.getSemanticHTML(), images },
  ];
}
