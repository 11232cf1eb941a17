import type { Page } from 'playwright-core';

export const STAGE = { width: 640, height: 580 };

/** The gallery without what the animation does not use, with a caption and a pointer. */
const STYLE = `
  :root { font-size: 15px; }
  .page-header, #create, #delete-tag, #storage, .tag, .avatar, #connection,
  .disk > section:last-of-type, #undo { display: none !important; }
  main { display: grid; grid-template-columns: minmax(0, 1fr) 15.6rem; gap: 1rem; padding: 0.9rem 1rem; }
  .albums { grid-template-columns: 1fr 1fr; gap: 0.75rem; margin: 0; }
  .album { min-height: 15.4rem; }
  .album > :not(.cover) { margin-inline: 0.75rem; }
  .cover { aspect-ratio: 16 / 10; }
  .gallery, .names p, .actions > :not(:first-child, :last-child) { display: none; }
  .bin { height: 6.25rem; margin-bottom: 1rem; }
  h2 { margin-bottom: 0.5rem; }
  .files { grid-template-columns: 1fr 1fr; }
  .file button, .bin-entry:nth-child(n + 2) { display: none; }
  .deed { position: fixed; left: 0; right: 0; bottom: 0; }
  #caption { display: flex; align-items: center; height: 3.6rem; padding: 0 1rem; margin: 0; font-size: 1.35rem; font-weight: 600;
    background: var(--accent); color: var(--on-accent); }
  #pointer { position: fixed; left: 0; top: 0; z-index: 9; width: 26px; height: 26px; pointer-events: none; }
  #pointer.pressed svg { transform: scale(0.8); }
  #pointer.pressed::before { content: ''; position: absolute; left: -16px; top: -16px; width: 32px; height: 32px; border-radius: 50%;
    background: rgb(12 99 84 / 35%); }
`;

const POINTER = `<svg viewBox="0 0 24 24" width="26" height="26"><path d="M2 1v18l5-4.500 3.200 7.500 3.600-1.600-3.200-7.200h6.400z"
  fill="#1e2426" stroke="#fff" stroke-width="1.500"/></svg>`;

export async function prepareStage(page: Page): Promise<void> {
  await page.addStyleTag({ content: STYLE });
  await page.evaluate(`
    const caption = document.createElement('p');
    caption.id = 'caption';
    document.body.prepend(caption);
    const pointer = document.createElement('div');
    pointer.id = 'pointer';
    pointer.innerHTML = ${JSON.stringify(POINTER)};
    pointer.style.transform = 'translate(320px, 420px)';
    document.body.append(pointer);
  `);
}

/** An album as the form of the page sends it, with sample pictures. */
export async function addAlbum(page: Page, images: number): Promise<void> {
  await page.evaluate(
    `(async () => {
      const { sampleAlbum } = await import('./sample.js');
      const { act, formOf } = await import('./api.js');
      const { images, fields: { title } } = await sampleAlbum();
      await act('POST', '/api/albums', formOf(images.slice(0, ${String(images)}), { title, owner: 'Ada' }));
    })()`,
  );
}
