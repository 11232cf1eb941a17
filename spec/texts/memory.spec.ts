import { expect } from 'chai';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TextReader } from '../../lib/texts/text-reader.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const DOCUMENTS = 300;
const PROSE = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit. ';

/** 100 kB, made anew each time, with one image. */
function article(format: string, n: number): string {
  const name = `/uploads/2026/11/some-rather-long-name-of-a-picture-${String(n)}.png`;
  const prose = `${String(n)} ${PROSE}`.repeat(1_700);
  if (format === 'json') return JSON.stringify({ content: [{ text: prose }, { src: name }] });
  return format === 'html' ? `<p>${prose}</p><img src="${name}">` : `${prose}\n\n![alt](${name})\n`;
}

describe('values out of texts', () => {
  for (const format of ['html', 'markdown', 'json'] as const) {
    it(`in ${format} do not hold their texts: ${String(DOCUMENTS)} of 100 kB leave less than 3 MB behind`, () => {
      const reader = new TextReader(format);
      const kept: unknown[] = reader.read(article(format, 0));
      collect();
      const before = process.memoryUsage().heapUsed;
      for (let n = 1; n < DOCUMENTS; n++) kept.push(...reader.read(article(format, n)));
      collect();
      const mb = (process.memoryUsage().heapUsed - before) / 1e6;
      expect(kept).to.have.length(DOCUMENTS);
      expect(mb).to.be.below(3);
    });
  }
});
