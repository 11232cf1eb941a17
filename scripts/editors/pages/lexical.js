import { $generateHtmlFromNodes } from '@lexical/html';
import { $createLinkNode, LinkNode } from '@lexical/link';
import { $createListItemNode, $createListNode, ListItemNode, ListNode } from '@lexical/list';
import { HeadingNode } from '@lexical/rich-text';
import { $createTableNodeWithDimensions, TableCellNode, TableNode, TableRowNode } from '@lexical/table';
import { $createParagraphNode, $createTextNode, $getRoot, createEditor, DecoratorNode } from 'lexical';
import { AWKWARD, AWKWARD_NAMES, namesOf, PICTURES, place } from './pictures.js';

/** Lexical has no image of its own; every app writes such a node. */
class ImageNode extends DecoratorNode {
  static getType() {
    return 'image';
  }

  static clone(node) {
    return new ImageNode(node.__about, node.__key);
  }

  static importJSON({ about }) {
    return new ImageNode(about);
  }

  constructor(about = {}, key) {
    super(key);
    this.__about = about;
  }

  exportJSON() {
    return { ...super.exportJSON(), ...this.__about };
  }

  exportDOM() {
    const element = document.createElement('img');
    for (const [name, value] of Object.entries(this.__about)) element.setAttribute(name, value);
    return { element };
  }

  createDOM() {
    return document.createElement('span');
  }

  updateDOM() {
    return false;
  }

  decorate() {
    return null;
  }
}

const NODES = [
  ImageNode,
  LinkNode,
  ListNode,
  ListItemNode,
  HeadingNode,
  TableNode,
  TableCellNode,
  TableRowNode,
];

export async function write() {
  const { plain, list, linked, target, table } = PICTURES;
  const ordinary = outputs('ordinary', namesOf(plain, list, linked, target, table), (root) => {
    root.append(
      paragraph($createTextNode('First "one" '), image({ src: plain, altText: 'Plain', maxWidth: 500 })),
    );
    root.append($createListNode('bullet').append($createListItemNode().append(image({ src: list }))));
    root.append(paragraph($createLinkNode(target).append(image({ src: linked }))));
    const grid = $createTableNodeWithDimensions(1, 2);
    grid
      .getFirstChild()
      .getFirstChild()
      .append(paragraph(image({ src: table })));
    root.append(grid);
  });
  const awkward = outputs('awkward names', AWKWARD_NAMES, (root) => {
    for (const { src } of AWKWARD) root.append(paragraph(image({ src })));
  });
  return [...ordinary, ...awkward];
}

const image = (about) => new ImageNode(about);
const paragraph = (...children) => $createParagraphNode().append(...children);

function outputs(what, images, build) {
  const editor = createEditor({
    nodes: NODES,
    onError: (error) => {
      throw error;
    },
  });
  editor.setRootElement(place());
  editor.update(() => build($getRoot().clear()), { discrete: true });
  const html = editor.read(() => $generateHtmlFromNodes(editor));
  return [
    { format: 'json', what, value: editor.getEditorState().toJSON(), images },
    { format: 'html', what, value: html, images },
  ];
}
