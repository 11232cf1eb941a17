import { createEditor, Editor, Transforms } from 'slate';
import { AWKWARD, AWKWARD_NAMES, namesOf, PICTURES } from './pictures.js';

/** Slate leaves the names of properties to the app; these are those of its own examples. */
export async function write() {
  const { plain, list, caption, linked, target, table } = PICTURES;
  const picture = (url) => ({ type: 'image', url, children: [{ text: '' }] });
  const editor = emptyEditor();
  Transforms.insertText(editor, 'First "one"');
  Transforms.insertNodes(editor, picture(plain));
  Transforms.insertNodes(editor, picture(list));
  Transforms.wrapNodes(editor, { type: 'list-item', children: [] });
  Transforms.wrapNodes(
    editor,
    { type: 'bulleted-list', children: [] },
    { match: ({ type }) => type === 'list-item' },
  );
  insertAtEnd(editor, { ...picture(caption), caption: [{ text: 'A caption' }] });
  insertAtEnd(editor, { type: 'link', url: target, children: [picture(linked)] });
  const cell = { type: 'table-cell', children: [picture(table)] };
  insertAtEnd(editor, { type: 'table', children: [{ type: 'table-row', children: [cell] }] });
  const shown = namesOf(plain, list, caption, linked, target, table);
  const ordinary = { format: 'json', what: 'ordinary', value: editor.children, images: shown };

  const other = emptyEditor();
  for (const { src } of AWKWARD) insertAtEnd(other, picture(src));
  return [ordinary, { format: 'json', what: 'awkward names', value: other.children, images: AWKWARD_NAMES }];
}

function emptyEditor() {
  const editor = createEditor();
  editor.children = [{ type: 'paragraph', children: [{ text: '' }] }];
  Transforms.select(editor, Editor.start(editor, []));
  return editor;
}

function insertAtEnd(editor, node) {
  Transforms.insertNodes(editor, node, { at: [editor.children.length] });
}
