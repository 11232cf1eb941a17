import type { Asset } from '../providers/provider.js';
import { areStill, gone, isAbsent, isAll, isFailure, isOutcomes, within } from './outcomes.js';
import { holds, shown, type Rule } from './rule.js';

const NEIGHBOURS = ['pic', 'pic2', 'pi', 'pic.bak', 'sub/pic', 'sub/pic2', 'sub2/pic'];
export const REMOVE_RULES: readonly Rule[] = [
  {
    title: 'remove removes exactly what was asked: neighbours, siblings and prefixes stay',
    async check(trial) {
      const assets = await trial.storedAll(NEIGHBOURS);
      const left = new Set(NEIGHBOURS);
      for (const [i, label] of NEIGHBOURS.entries()) {
        const outcomes = await trial.remove([assets[i]!]);
        isOutcomes(outcomes, 1);
        isAll(outcomes, 'removed', `${label} was there`);
        left.delete(label);
        holds(!(await trial.exists(label)), () => `${label} was removed and is still there`);
        await areStill(trial, [...left], `${label} was removed`);
      }
    },
  },
  {
    title: 'removing twice: the second time is missing',
    async check(trial) {
      const asset = await gone(trial, 'pic');
      const outcomes = await trial.remove([asset]);
      for (const { outcome } of outcomes)
        holds(isAbsent(outcome, trial), () => `the second removal: the outcome is ${outcome}, not missing`);
    },
  },
  {
    title: 'one outcome for each asset, in the order asked',
    async check(trial) {
      const absent = await gone(trial, 'gone');
      for (const places of [[0], [2], [1, 3], [0, 4]]) {
        const assets: Asset[] = [];
        for (let i = 0; i < 5; i++) assets.push(places.includes(i) ? await trial.stored(`pic-${i}`) : absent);
        const outcomes = await trial.remove(assets);
        isOutcomes(outcomes, 5);
        outcomes.forEach(({ outcome }, i) => {
          const isRight = places.includes(i) ? outcome === 'removed' : isAbsent(outcome, trial);
          const expected = places.includes(i) ? 'removed' : 'missing';
          holds(isRight, () => `asset ${i} of 5 is ${outcome}, not ${expected}`);
        });
      }
    },
  },
  {
    title: 'a whole batch at once, and an empty one',
    async check(trial) {
      const labels = Array.from(
        { length: Math.min(trial.provider.batchSize ?? 100, 100) },
        (_, i) => `batch/pic-${i}`,
      );
      await trial.stored('other');
      const outcomes = await trial.remove(await trial.storedAll(labels));
      isOutcomes(outcomes, labels.length);
      isAll(outcomes, 'removed', 'a whole batch');
      for (const label of labels)
        holds(!(await trial.exists(label)), () => `${label} was removed in a batch and is still there`);
      await areStill(trial, ['other'], 'a batch was removed');
      isOutcomes(await trial.remove([]), 0);
      await areStill(trial, ['other'], 'an empty batch was removed');
    },
  },
  {
    title: 'with an aborted signal, remove removes nothing and still resolves',
    async check(trial) {
      const assets = await trial.storedAll(['pic', 'pic2']);
      const outcomes = await trial.remove(assets, AbortSignal.abort(new Error('aborted by the contract')));
      isOutcomes(outcomes, 2);
      for (const outcome of outcomes) isFailure(outcome, 'the signal was aborted before');
      await areStill(trial, ['pic', 'pic2'], 'the signal was aborted before');
    },
  },
  {
    title: 'an abort ends a removal that hangs',
    async check(trial) {
      if (!trial.options.hang) return;
      const assets = await trial.storedAll(['pic', 'pic2']);
      await trial.options.hang(trial.provider);
      const controller = new AbortController();
      const removal = trial.remove(assets, controller.signal);
      setImmediate(() => controller.abort(new Error('aborted by the contract')));
      const outcomes = await within(2000, removal, 'the removal did not end with its signal');
      isOutcomes(outcomes, 2);
      for (const outcome of outcomes) isFailure(outcome, 'the storage hung');
    },
  },
  {
    title: 'ten removals of one asset at the same time: none fails, one removes it',
    async check(trial) {
      const [asset] = await trial.storedAll(['pic', 'pic2']);
      const all = await Promise.all(Array.from({ length: 10 }, () => trial.remove([asset!])));
      const outcomes = all.flat().map(({ outcome }) => outcome);
      holds(
        outcomes.every((one) => one === 'removed' || one === 'missing'),
        () => `ten removals at once: ${outcomes.join(', ')}`,
      );
      holds(outcomes.includes('removed'), 'ten removals at once: none of them says removed');
      holds(!(await trial.exists('pic')), 'ten removals at once: the file is still there');
      await areStill(trial, ['pic2'], 'another file was removed ten times');
    },
  },
  {
    title: 'an error of the storage is a failure with its Error, never missing or removed',
    async check(trial) {
      const assets = await trial.storedAll(['pic', 'pic2']);
      await trial.options.fail(trial.provider);
      const outcomes = await trial.remove(assets);
      isOutcomes(outcomes, 2);
      for (const outcome of outcomes) isFailure(outcome, 'the storage failed');
    },
  },
  {
    title: 'a failure of one asset of a batch is reported for that asset alone',
    async check(trial) {
      if (!trial.options.failOne) return;
      const labels = ['pic-0', 'pic-1', 'pic-2'];
      const assets = await trial.storedAll(labels);
      await trial.options.failOne(trial.provider, 'pic-1');
      const outcomes = await trial.remove(assets);
      isOutcomes(outcomes, 3);
      isFailure(outcomes[1]!, 'the removal of one asset failed');
      isAll([outcomes[0]!, outcomes[2]!], 'removed', 'the removal of another asset failed');
      await areStill(trial, ['pic-1'], 'its removal failed');
    },
  },
  {
    title: 'remove never rejects',
    async check(trial) {
      const assets = await trial.storedAll(['pic']);
      await trial.options.fail(trial.provider);
      const rejection: unknown = await trial.remove(assets).then(
        () => null,
        (error: unknown) => error ?? 'nothing',
      );
      holds(rejection === null, () => `remove rejected with ${shown(rejection)} instead of an outcome`);
    },
  },
  {
    title: 'fingerprint: null without a file, the same while nothing is written, another one after a write',
    async check(trial) {
      const { provider } = trial;
      if (!provider.fingerprint) return;
      const absent = await gone(trial, 'gone');
      holds((await provider.fingerprint(absent)) === null, 'a missing file has a fingerprint');
      const asset = await trial.stored('pic');
      const first = await provider.fingerprint(asset);
      holds(typeof first === 'string', () => `the fingerprint is ${shown(first)}, not a string`);
      holds((await provider.fingerprint(asset)) === first, 'two fingerprints of one content');
      await trial.remove([asset]);
      await trial.stored('pic');
      holds(
        (await provider.fingerprint(asset)) !== first,
        'a file written anew has the fingerprint of the old one',
      );
    },
  },
  {
    title: 'remove keeps content that is not expected: written anew, or not there before',
    async check(trial) {
      const { provider } = trial;
      if (!provider.fingerprint) return;
      const old = await trial.stored('pic');
      const before = await provider.fingerprint(old);
      await gone(trial, 'pic');
      const absent = await gone(trial, 'new');
      const [, other] = await trial.storedAll(['pic', 'pic2', 'new']);
      const outcomes = await trial.remove([
        { ...old, expected: before },
        { ...other!, expected: await provider.fingerprint(other!) },
        { ...absent, expected: null },
      ]);
      isOutcomes(outcomes, 3);
      isAll([outcomes[0]!, outcomes[2]!], 'kept', 'another content was expected');
      isAll([outcomes[1]!], 'removed', 'the expected content was there');
      await areStill(trial, ['pic', 'new'], 'another content was expected');
      isAll(await trial.remove([{ ...old, expected: undefined }, absent]), 'removed', 'nothing was expected');
    },
  },
];
