import { expect } from 'chai';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { figures, fingerprintIn, fingerprintOf, pictureOf } from '../scripts/figures/sources.js';
import { sweepPicture } from '../scripts/pictures/sample-sweep.js';
import { linesIn } from '../scripts/pictures/terminal.js';
import { freshDatabase } from './support/database.js';

const IMAGES = path.resolve(__dirname, '../docs/images');
const LARGEST = 500_000;

describe('pictures of the documentation', () => {
  for (const figure of figures()) {
    it(`${figure.name}.svg was rendered from the Mermaid source in ${figure.page}`, () => {
      const svg = readFileSync(pictureOf(figure), 'utf8');
      expect(fingerprintIn(svg), 'render it anew: npm run figures').to.equal(fingerprintOf(figure));
      expect(svg)
        .to.match(/<title[ >]/)
        .and.to.match(/<desc[ >]/);
      expect(svg, 'HTML in SVG is not shown everywhere').not.to.match(/<foreignObject/);
    });
  }

  it('sweep.svg has the text that the command writes today', async function () {
    this.timeout(180_000);
    const kept = linesIn(readFileSync(path.join(IMAGES, 'sweep.svg'), 'utf8'));
    const today = linesIn(await sweepPicture(freshDatabase()));
    // a folder is listed in any order
    expect(today.sort(), 'make it anew: npm run sweep:picture').to.deep.equal(kept.sort());
  });

  it('none is larger than a page should load, and none can run a script', () => {
    for (const name of readdirSync(IMAGES)) {
      const file = path.join(IMAGES, name);
      expect(statSync(file).size, name).to.be.at.most(LARGEST);
      if (name.endsWith('.svg')) expect(readFileSync(file, 'utf8'), name).not.to.match(/<script|\son\w+=/);
    }
  });
});
