import {
  AutoImage,
  Bold,
  ClassicEditor,
  Essentials,
  GeneralHtmlSupport,
  Heading,
  HtmlEmbed,
  Image,
  ImageCaption,
  ImageInsert,
  ImageResize,
  ImageStyle,
  LinkImage,
  List,
  Paragraph,
  PictureEditing,
  Table,
} from 'ckeditor5';
import { AWKWARD, AWKWARD_NAMES, namesOf, PICTURES, place } from './pictures.js';

const PLUGINS = [
  Essentials,
  Paragraph,
  Bold,
  Heading,
  List,
  Table,
  Image,
  ImageCaption,
  ImageStyle,
  ImageResize,
];
const MORE = [ImageInsert, AutoImage, LinkImage, PictureEditing, HtmlEmbed, GeneralHtmlSupport];

export async function write() {
  const editor = await ClassicEditor.create(place(), {
    licenseKey: 'GPL',
    plugins: [...PLUGINS, ...MORE],
    htmlSupport: { allow: [{ name: /^(video|source|picture)$/, attributes: true }] },
  });
  const done = [byCommands(editor), written(editor), awkward(editor)];
  await editor.destroy();
  return done;
}

/** By the commands of its toolbar. */
function byCommands(editor) {
  const { plain, list, caption, linked, target, table } = PICTURES;
  const insert = (source) => {
    startParagraph(editor);
    editor.execute('insertImage', { source });
  };
  editor.setData('<p>First</p>');
  insert(plain);
  insert(caption);
  editor.execute('toggleImageCaption', { focusCaptionOnShow: true });
  editor.model.change((writer) => {
    writer.insertText('A caption & more', editor.model.document.selection.getFirstPosition());
  });
  insert(linked);
  editor.execute('link', target);
  insert({
    src: '/uploads/small.png',
    srcset: '/uploads/small.png 400w, /uploads/large.png 800w',
    sizes: '100vw',
  });
  startParagraph(editor);
  editor.execute('insertTable', { rows: 1, columns: 2 });
  editor.execute('insertImage', { source: table });
  startParagraph(editor);
  editor.execute('bulletedList');
  editor.execute('insertImage', { source: list });
  const images = [...namesOf(plain, caption, linked, target, table, list), 'small.png', 'large.png'];
  return output(editor, 'by its commands', images);
}

/** An empty paragraph at the end of the document, with the cursor in it. */
function startParagraph(editor) {
  editor.model.change((writer) => {
    const paragraph = writer.createElement('paragraph');
    writer.append(paragraph, editor.model.document.getRoot());
    writer.setSelection(paragraph, 'in');
  });
}

/** What it makes of a text that was written elsewhere. */
function written(editor) {
  editor.setData(`
    <figure class="image"><picture><source srcset="/uploads/wide.webp 1200w, /uploads/narrow.webp 600w" type="image/webp"><img src="/uploads/back.png" alt="A &quot;picture&quot;"></picture><figcaption>Caption</figcaption></figure>
    <p>Inline <img src='/uploads/inline.png' srcset="/uploads/inline.png 1x, /uploads/inline@2x.png 2x" style="width:20%"> image</p>
    <video poster="/uploads/poster.png" controls="controls"><source src="/uploads/clip.mp4" type="video/mp4"></video>
    <div class="raw-html-embed"><img src="/uploads/embedded.png"></div>`);
  const names = ['wide.webp', 'narrow.webp', 'back.png', 'inline.png', 'inline@2x.png', 'embedded.png'];
  return output(editor, 'a text that was written elsewhere', [...names, 'poster.png', 'clip.mp4']);
}

function awkward(editor) {
  editor.setData('');
  for (const { src } of AWKWARD) {
    startParagraph(editor);
    editor.execute('insertImage', { source: src });
  }
  return output(editor, 'awkward names', AWKWARD_NAMES);
}

/** An id of this run would make every run another fixture. */
function output(editor, what, images) {
  const value = editor.getData().replace(/data-list-item-id="\w+"/g, 'data-list-item-id="item"');
  return { format: 'html', what, value, images };
}
