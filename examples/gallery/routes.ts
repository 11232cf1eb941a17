import { Router } from 'express';
import { albumActions } from './actions.js';
import type { Actor } from './actor.js';
import type { Shelf } from './deeds.js';
import { deletions } from './deletions.js';
import type { Fault, FaultyStorage } from './faulty-storage.js';
import { IMAGE_NAME } from './image-type.js';
import { faultOf, idIn, idOf, imagesOf, textOf, textsOf } from './input.js';
import type { Live } from './live.js';
import { Problem } from './problems.js';
import { undoActions } from './undo.js';

export function albumRoutes(shelf: Shelf, act: Actor): Router {
  const albums = albumActions(shelf);
  const create = act.withImages((request, received) => albums.create(textsOf(request), received));
  const replaceCover = act.withImages((request, { images }) => albums.replaceCover(idOf(request), images[0]));
  const replaceAvatar = act.withImages((request, { avatar }) => albums.replaceAvatar(idOf(request), avatar));
  const addImages = act.withImages((request, received) => albums.addImages(idOf(request), received));
  const reorder = act((request) => albums.reorder(idOf(request), imagesOf(request)));
  const removeImage = act((request) => albums.removeImage(idOf(request), textOf(request, 'image')));
  const share = act((request) => albums.shareCover(idOf(request), idIn(request, 'with')));
  const uploadOnly = act.withImagesInAdvance((_request, { images }) =>
    Promise.resolve(albums.uploadOnly(images)),
  );
  return Router()
    .post('/albums', create)
    .put('/albums/:id/cover', replaceCover)
    .put('/albums/:id/avatar', replaceAvatar)
    .post('/albums/:id/gallery', addImages)
    .put('/albums/:id/gallery', reorder)
    .delete('/albums/:id/gallery', removeImage)
    .post('/albums/:id/share', share)
    .post('/uploads', uploadOnly);
}

export function deletionRoutes(shelf: Shelf, act: Actor): Router {
  const deletion = deletions(shelf);
  const ways = new Map([
    ['plain', deletion.remove],
    ['for ever', deletion.removeForEver],
    ['commit', deletion.removeAndCommit],
    ['rollback', deletion.removeAndRollBack],
    ['without cleanup', deletion.removeWithoutCleanup],
  ]);
  const remove = act((request) => {
    const id = idOf(request);
    const way = ways.get(textOf(request, 'how'));
    if (!way) throw new Problem(400, `“how” must be one of: ${[...ways.keys()].join(', ')}.`);
    return way(id);
  });
  const removeByTag = act((request) => deletion.removeByTag(textOf(request, 'tag')));
  return Router().delete('/albums', removeByTag).delete('/albums/:id', remove);
}

export function undoRoutes(shelf: Shelf, act: Actor): Router {
  const albums = albumActions(shelf);
  const bin = undoActions(shelf, albums);
  const undo = act((request) => bin.undo(idOf(request)));
  const removeNow = act((request) => bin.removeNow(idOf(request)));
  const removeUnused = act((request) => {
    const name = textOf(request, 'file');
    if (!IMAGE_NAME.test(name)) throw new Problem(400, 'This is not the name of a file in the folder.');
    return albums.removeUnused(`/uploads/${name}`);
  });
  return Router()
    .post('/bin/:id/undo', undo)
    .delete('/bin/:id', removeNow)
    .post('/files/remove-unused', removeUnused);
}

const FAULT_SAID: Record<Fault, string> = {
  none: 'The storage works.',
  busy: 'The storage is busy now: the first two tries to remove a file fail (EBUSY).',
  denied: 'The storage now denies permission to remove any file (EACCES).',
};

export function storageRoutes(storage: FaultyStorage, live: Live): Router {
  return Router().put('/storage', (request, response) => {
    storage.fault = faultOf(textOf(request, 'fault'));
    live.changed();
    response.json({ said: FAULT_SAID[storage.fault], call: `storage.fault = '${storage.fault}'` });
  });
}
