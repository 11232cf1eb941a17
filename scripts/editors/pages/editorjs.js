import EditorJS from '@editorjs/editorjs';
import ImageTool from '@editorjs/image';
import EditorjsList from '@editorjs/list';
import RawTool from '@editorjs/raw';
import SimpleImage from '@editorjs/simple-image';
import Table from '@editorjs/table';
import { AWKWARD, AWKWARD_NAMES, namesOf, PICTURES, place } from './pictures.js';

/** By its blocks; raw HTML and simple images are blocks of their own. */
export async function write() {
  const { plain, caption, target, table, list } = PICTURES;
  const editor = new EditorJS({
    holder: place(),
    tools: { image: ImageTool, simple: SimpleImage, raw: RawTool, list: EditorjsList, table: Table },
  });
  await editor.isReady;
  const insert = (type, data) => editor.blocks.insert(type, data, {}, undefined, true);
  insert('image', { file: { url: plain } });
  insert('image', { file: { url: caption }, caption: 'A <b>caption</b> &amp; more', withBorder: true });
  insert('simple', { url: list, caption: 'Simple' });
  insert('raw', { html: `<figure><img src='${table}'></figure>` });
  insert('paragraph', { text: `See <a href="${target}">the picture</a>` });
  insert('list', { style: 'unordered', items: [{ content: 'no image', meta: {}, items: [] }] });
  const ordinary = await output(editor, 'by its blocks', namesOf(plain, caption, list, table, target));
  await editor.blocks.clear();
  for (const { src } of AWKWARD) insert('image', { file: { url: src } });
  return [ordinary, await output(editor, 'awkward names', AWKWARD_NAMES)];
}

/** An id and a time of this run would make every run another fixture. */
async function output(editor, what, images) {
  const { blocks, version } = await editor.save();
  const value = { time: 0, blocks: blocks.map((block, at) => ({ ...block, id: `block-${at}` })), version };
  return { format: 'json', what, value, images };
}
