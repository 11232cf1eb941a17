const picture = document.querySelector('#image');

const quill = new Quill('#editor', {
  theme: 'snow',
  placeholder: 'Write a post, and insert images …',
  modules: {
    toolbar: {
      container: [['bold', 'italic', { header: 2 }, { list: 'bullet' }, 'link', 'image']],
      handlers: { image: () => picture.click() },
    },
    // images are inserted only as uploads: Quill would write a dropped image into the text itself
    uploader: { handler: () => undefined },
  },
});

// images that are copied on this page have the whole address of the page in front
quill.clipboard.addMatcher('IMG', (_image, delta) => {
  for (const { insert } of delta.ops) {
    if (insert?.image?.startsWith(`${location.origin}/`))
      insert.image = insert.image.slice(location.origin.length);
  }
  return delta;
});

/** Opens the HTML of a post. Quill keeps only elements that it knows, so that no script gets in. */
export function openPost(html) {
  quill.setContents(quill.clipboard.convert({ html }), 'silent');
  quill.history.clear();
}

export function clear() {
  openPost('');
}

export function textOf() {
  return quill.getSemanticHTML();
}

/** Inserts an image at the cursor, or at the end. */
export function insertPicture(url) {
  const { index } = quill.getSelection(true);
  quill.insertEmbed(index, 'image', url, 'user');
  quill.setSelection(index + 1, 0, 'silent');
}
