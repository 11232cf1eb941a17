import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Parser } from 'htmlparser2';
import { marked } from 'marked';
import mongoose, { Schema, type Model } from 'mongoose';
import { cleanupFor, imageCleanup, localProvider, type TextFormat } from '../lib/index.js';
import { TextReader } from '../lib/texts/text-reader.js';
import { build } from './build.js';
import { inTurn, timed } from './measure.js';
import type { Result } from './result.js';
import type { Setting } from './setting.js';

/** A document with a text. */
export interface Article {
  body?: string;
}

const MEGABYTES = 10;
const TEXTS = 100_000;
const ARTICLES = 10_000;
const PROSE = 'Lorem ipsum <b>dolor</b> sit amet, consectetur &amp; adipiscing <a href="/page">elit</a>. ';

/** Texts that are parsed, searched, and read before a write. */
export async function texts(setting: Setting): Promise<Result[]> {
  return [...(await parsed()), await searched(setting), await large(setting)];
}

/** Our readers against their parsers alone. */
async function parsed(): Promise<Result[]> {
  const html = PROSE.repeat(11);
  const page = `<p>${html}</p><img src="/uploads/a.png">`.repeat((MEGABYTES * 1e6) / 1000);
  const markdown = `${PROSE.repeat(11)}\n\n![x](/uploads/a.png)\n\n`.repeat((MEGABYTES * 1e6) / 1000);
  const json = JSON.stringify(
    Array.from({ length: (MEGABYTES * 1e6) / 100 }, (_, n) => ({
      type: 'image',
      attrs: { src: `/uploads/${String(n % 100)}.png`, alt: 'word' },
    })),
  );
  const row = async (format: TextFormat, text: string, theirs: () => unknown): Promise<Result> => {
    const reader = new TextReader(format);
    const pair = await inTurn(
      3,
      () => timed(() => Promise.resolve(reader.read(text))),
      () => timed(() => Promise.resolve(theirs())),
    );
    const what = `${(text.length / 1e6).toFixed(0)} MB of ${String(format)} read`;
    return { what, against: 'the parser alone', pair, goal: 'shown' };
  };
  return [
    await row('html', page, () => {
      new Parser({}).end(page);
    }),
    await row('markdown', markdown, () => marked.lexer(markdown)),
    await row('json', json, () => JSON.parse(json) as unknown),
  ];
}

/** One question in a large collection of texts: the server reads them all. */
async function searched(setting: Setting): Promise<Result> {
  const model = await articles(setting.root);
  await model.collection.deleteMany({});
  const body = PROSE.repeat(22);
  for (let at = 0; at < TEXTS; at += 10_000) {
    await model.collection.insertMany(
      Array.from({ length: 10_000 }, (_, n) => ({ body: `${String(at + n)} ${body}` })),
    );
  }
  const ours = async (): Promise<number> => {
    const [name] = setting.fill('searched', 1);
    const { insertedId } = await model.collection.insertOne({ body: `<img src="/uploads/${name!}">` });
    return timed(() => model.deleteOne({ _id: insertedId }));
  };
  const theirs = (): Promise<number> => timed(() => model.collection.findOne({ body: /searched0\.png/ }));
  const pair = await inTurn(3, ours, theirs);
  await model.collection.deleteMany({});
  const what = `one image removed from one of ${TEXTS.toLocaleString('en')} texts of ${(body.length / 1000).toFixed(0)} kB`;
  return { what, against: 'a search by one expression, nothing removed', pair, goal: 'shown' };
}

/** All texts of many large documents replaced by one call. */
async function large(setting: Setting): Promise<Result> {
  const built = build();
  const model = await articles(setting.root);
  const body = PROSE.repeat(1100);
  const prepare = async (): Promise<void> => {
    await model.collection.deleteMany({});
    const names = setting.fill('large', ARTICLES);
    for (let at = 0; at < ARTICLES; at += 100) {
      const some = names.slice(at, at + 100);
      await model.collection.insertMany(
        some.map((name) => ({ body: `${body}<img src="/uploads/${name}">` })),
      );
    }
  };
  const peaks: number[] = [];
  const run = (way: string) => async (): Promise<number> => {
    await prepare();
    const child = fork(
      path.join(built, 'bench/texts-peak.js'),
      [way, setting.uri, setting.database, setting.root],
      { execArgv: [] },
    );
    const [{ bytes, ms }] = (await once(child, 'message')) as [{ bytes: number; ms: number }];
    peaks.push(bytes);
    return ms;
  };
  const pair = { ours: [await run('plugin')()], theirs: [await run('none')()] };
  const [ours, theirs] = peaks.map((one) => `${(one / 1e6).toFixed(0)} MB`);
  await model.collection.deleteMany({});
  return {
    what: `updateMany over ${ARTICLES.toLocaleString('en')} texts of ${(body.length / 1000).toFixed(0)} kB with an image each`,
    against: 'no plugin, no image removed',
    pair,
    goal: '≤ 200 MB',
    note: `peak memory ${ours!} against ${theirs!}`,
  };
}

export async function articles(root: string): Promise<Model<Article>> {
  const schema = new Schema<Article>({ body: String });
  const fields = [{ path: 'body', in: 'html' as const }];
  schema.plugin(imageCleanup, {
    fields,
    provider: localProvider({ root }),
    timeoutMs: 600_000,
    onEvent: () => undefined,
  });
  const name = 'Article';
  const known = mongoose.models[name] as Model<Article> | undefined;
  const made = known ?? (mongoose.model(name, schema) as unknown as Model<Article>);
  await made.init();
  return made;
}

/** All texts lose their images. */
export async function emptied(model: Model<Article>, isPlain: boolean): Promise<void> {
  if (isPlain) await model.collection.updateMany({}, { $set: { body: '' } });
  else await model.updateMany({}, { body: '' });
  await cleanupFor(model).idle();
}
