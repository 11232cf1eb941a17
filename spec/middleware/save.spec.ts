import { expect } from 'chai';
import { watchCommands } from '../support/database.js';
import { closeStudios, studio, type Studio } from '../support/album.js';

describe('save', () => {
  let s: Studio;
  beforeEach(async () => {
    s = await studio();
  });
  afterEach(closeStudios);

  it('removes the file that a new one replaced', async () => {
    const Album = s.model('Album', { image: String });
    await s.uploads.put('old.png', 'new.png');
    const album = await Album.create({ image: 'old.png' });
    album.image = 'new.png';
    await album.save();
    expect(await s.uploads.names()).to.deep.equal(['new.png']);
    expect(await s.outcomes()).to.deep.equal(['removed old.png']);
  });

  it('sends no extra command when no tracked field is touched', async () => {
    const Album = s.model('Album', { image: String, title: String });
    await s.uploads.put('old.png');
    const album = await Album.create({ image: 'old.png', title: 'a' });
    const commands = watchCommands(s.connection);
    album.title = 'b';
    await album.save();
    expect(commands.names()).to.deep.equal(['update']);
  });
});
