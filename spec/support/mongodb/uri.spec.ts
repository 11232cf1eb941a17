import { expect } from 'chai';
import mongoose from 'mongoose';
import { hostsOf, otherDatabase, withDatabase } from './uri.js';

const { MongoClient } = mongoose.mongo;

describe('the URI of a MongoDB, for another database', () => {
  for (const [given, expected] of [
    ['mongodb://db.example', 'mongodb://db.example/spec_1'],
    ['mongodb://db.example:27018/', 'mongodb://db.example:27018/spec_1'],
    ['mongodb://db.example/app', 'mongodb://db.example/spec_1'],
    ['mongodb://db.example/?replicaSet=rs0&tls=true', 'mongodb://db.example/spec_1?replicaSet=rs0&tls=true'],
    ['mongodb://db.example?replicaSet=rs0', 'mongodb://db.example/spec_1?replicaSet=rs0'],
    ['mongodb://a:1,b:2,[::1]:3/?w=1', 'mongodb://a:1,b:2,[::1]:3/spec_1?w=1'],
    ['mongodb://%2Ftmp%2Fmongodb-27017.sock/', 'mongodb://%2Ftmp%2Fmongodb-27017.sock/spec_1'],
    ['mongodb://me:p%40ss@a,b/app', 'mongodb://me:p%40ss@a,b/spec_1?authSource=app'],
    ['mongodb://me:secret@a/', 'mongodb://me:secret@a/spec_1?authSource=admin'],
    ['mongodb://me:secret@a/app?authSource=users', 'mongodb://me:secret@a/spec_1?authSource=users'],
    ['mongodb://CN=me@a/?authMechanism=MONGODB-X509', 'mongodb://CN=me@a/spec_1?authMechanism=MONGODB-X509'],
    ['mongodb+srv://me:secret@cluster.example/app', 'mongodb+srv://me:secret@cluster.example/spec_1'],
  ] as const) {
    it(`of ${given}`, () => {
      expect(withDatabase(given, 'spec_1')).to.equal(expected);
      expect(withDatabase(expected, 'spec_1')).to.equal(expected);
    });
  }

  it('the driver reads the same hosts, user and options', () => {
    const given = 'mongodb://me:p%40ss@a:1,b:2/app?replicaSet=rs0&readPreference=nearest';
    const read = (uri: string): object => {
      const { hosts, credentials, replicaSet, readPreference } = new MongoClient(uri).options;
      return { hosts, credentials, replicaSet, readPreference };
    };
    expect(read(withDatabase(given, 'spec_1'))).to.deep.equal(read(given));
    expect(new MongoClient(withDatabase(given, 'spec_1')).options.dbName).to.equal('spec_1');
  });

  it('with more in its name', () => {
    expect(otherDatabase('mongodb://me:secret@a,b/app?w=1', 7)).to.equal(
      'mongodb://me:secret@a,b/app_7?w=1&authSource=app',
    );
  });

  it('its hosts are told without the password', () => {
    expect(hostsOf('mongodb://me:secret@a:1,b:2/app?w=1')).to.equal('a:1,b:2');
  });

  for (const nonsense of ['', 'nonsense', 'http://me:secret@a/', 'mongodb://', 'mongodb:///app'])
    it(`"${nonsense}" is refused, and not repeated`, () => {
      expect(() => withDatabase(nonsense, 'x'))
        .to.throw(Error, 'no connection string')
        .that.satisfies(({ message }: Error) => !message.includes('secret'));
    });
});
