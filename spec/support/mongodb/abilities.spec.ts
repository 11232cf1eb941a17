import { expect } from 'chai';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { freshDatabase } from '../database.js';
import { abilitiesOf, has, type Ability } from './abilities.js';

describe('what the MongoDB of this run can do', () => {
  it('is what it does, whatever it says that it is', async () => {
    // not abilitiesOf, which holds up this process, and with it a MongoDB that lives in it
    const child = path.join(__dirname, 'abilities-child.cjs');
    const env = { ...process.env, MONGODB_URI: freshDatabase() };
    const { stdout } = await promisify(execFile)(process.execPath, [child, 'spec_abilities'], { env });
    const found = JSON.parse(stdout) as Record<Ability, boolean>;
    expect(Object.keys(found)).to.include.members(['transactions', 'fail points']);
    for (const [name, isThere] of Object.entries(found)) expect(isThere, name).to.equal(has(name as Ability));
  });

  it('where it is out of reach, the error says so without the password', () => {
    const away = 'mongodb://me:secret@127.0.0.1:1/?serverSelectionTimeoutMS=200';
    expect(() => abilitiesOf(away))
      .to.throw(Error, /127\.0\.0\.1:1: Mongo\w+/)
      .that.satisfies(({ message }: Error) => !message.includes('secret'));
  });
});
