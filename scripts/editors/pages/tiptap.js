import { Editor } from '@tiptap/core';
import Image from '@tiptap/extension-image';
import { TableKit } from '@tiptap/extension-table';
import StarterKit from '@tiptap/starter-kit';
import { AWKWARD, AWKWARD_NAMES, namesOf, PICTURES, place } from './pictures.js';

/** By the editor's own commands, as the buttons of an app do. */
export async function write() {
  const { plain, list, table, linked, target } = PICTURES;
  const editor = new Editor({
    element: place(),
    extensions: [
      StarterKit.configure({ link: { openOnClick: false } }),
      Image.configure({ inline: true }),
      TableKit,
    ],
  });
  editor.chain().insertContent('First ').setImage({ src: plain, alt: 'Plain', title: 'A "title"' }).run();
  editor.chain().enter().toggleBulletList().insertContent('In a list ').setImage({ src: list }).run();
  editor.chain().enter().enter().setImage({ src: linked, width: 300 }).run();
  const { to } = editor.state.selection;
  editor
    .chain()
    .setTextSelection({ from: to - 1, to })
    .setLink({ href: target })
    .setTextSelection(to)
    .run();
  editor
    .chain()
    .enter()
    .insertTable({ rows: 2, cols: 2, withHeaderRow: true })
    .setImage({ src: table })
    .run();
  const shown = namesOf(plain, list, linked, target, table);
  const ordinary = outputs(editor, 'by its commands', shown);
  editor.commands.clearContent();
  for (const { src } of AWKWARD) editor.chain().setImage({ src }).insertContent(' text ').run();
  const awkward = outputs(editor, 'awkward names', AWKWARD_NAMES);
  return [...ordinary, ...awkward];
}

function outputs(editor, what, images) {
  return [
    { format: 'json', what, value: editor.getJSON(), images },
    { format: 'html', what, value: editor.getHTML(), images },
  ];
}
