/* global process, require */
/* eslint-disable @typescript-eslint/no-require-imports */
'use strict';

/**
 * Finds out what the MongoDB of MONGODB_URI can do, by doing it in a database of its own, and writes the answers as JSON. A
 * process of its own, since specs are declared before anything can be awaited.
 */
const { mongo } = require('mongoose');

const name = process.argv[2];

const TRIALS = {
  async transactions({ client, trials }) {
    await client.withSession((session) =>
      session.withTransaction(() => trials.insertOne({ of: 'transactions' }, { session })),
    );
  },

  async 'fail points'({ client }) {
    await client.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' });
  },

  async collations({ trials }) {
    await trials.insertOne({ of: 'COLLATIONS' });
    const found = await trials.findOne({ of: 'collations' }, { collation: { locale: 'en', strength: 2 } });
    mustBe(found?.of, 'COLLATIONS');
  },

  /** Of `updateOne` and `replaceOne`: MongoDB 8. */
  async 'sorted updates'({ trials }) {
    await trials.insertMany([1, 2].map((place) => ({ of: 'sorted updates', place })));
    await trials.updateOne({ of: 'sorted updates' }, { $set: { is: true } }, { sort: { place: -1 } });
    const { place } = (await trials.findOne({ of: 'sorted updates', is: true })) ?? {};
    mustBe(place, 2);
  },

  async 'updates by pipelines'({ trials }) {
    await trials.insertOne({ of: 'pipelines', from: 1 });
    await trials.updateOne({ of: 'pipelines' }, [{ $set: { to: '$from' } }]);
    mustBe((await trials.findOne({ of: 'pipelines' })).to, 1);
  },

  async 'projections into nested arrays'({ trials }) {
    await trials.insertOne({ of: 'projections', rows: [[{ a: 1, b: 2 }]] });
    const { rows } = await trials.findOne({ of: 'projections' }, { projection: { 'rows.a': 1 } });
    mustBe(JSON.stringify(rows), '[[{"a":1}]]');
  },

  async views({ trials, database }) {
    await trials.insertOne({ of: 'views' });
    const view = await database.createCollection('view', { viewOn: 'trials', pipeline: [] });
    mustBe(await view.countDocuments({ of: 'views' }), 1);
  },

  /** The last one, since an engine may close the connection on it. */
  async 'code with scope'({ trials }) {
    await trials.insertOne({ of: 'code', code: new mongo.Code('x', { y: 1 }) });
    mustBe((await trials.findOne({ of: 'code' })).code.scope.y, 1);
  },
};

function mustBe(actual, expected) {
  if (actual !== expected) throw new Error(`${String(actual)} instead of ${String(expected)}`);
}

async function main() {
  const uri = process.env.MONGODB_URI;
  const isPatient = /serverSelectionTimeoutMS=/i.test(uri);
  const client = new mongo.MongoClient(uri, isPatient ? {} : { serverSelectionTimeoutMS: 10_000 });
  try {
    await client.connect();
    const database = client.db(name);
    const trials = database.collection('trials');
    await trials.insertOne({});
    const abilities = {};
    for (const [ability, act] of Object.entries(TRIALS)) {
      abilities[ability] = await act({ client, database, trials }).then(
        () => true,
        () => false,
      );
    }
    await database.dropDatabase();
    process.stdout.write(JSON.stringify(abilities));
  } finally {
    await client.close();
  }
}

main().catch((error) => {
  process.stderr.write(`${error.name}: ${error.message}\n`);
  process.exit(1);
});
