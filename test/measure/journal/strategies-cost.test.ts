// What the recovery regions of the four strategies cost in a month, by runs of each that were made
// once, with one price list.
import { join } from 'node:path';
import { expect } from 'chai';
import type { CostRates } from '../../../src/drill/plan/plan.ts';
import { readEvidence } from '../../../src/evidence/run-files.ts';
import { measure } from '../../../src/measure/measure.ts';
import { unpackRun } from '../../evidence/corpus.ts';
import { makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';

const PRICES: CostRates = {
  currency: 'EUR',
  instance_hour: { postgres: 0.2, app: 0.05, redis: 0.1 },
  ...{ gb_month: 0.1, gb_transferred: 0.02 },
  ...{ backup_every_ms: 24 * 3_600_000, segment_every_ms: 300_000 },
};

describe('the cost of the four strategies, from runs of each, with one price list', () => {
  let folder: string;
  before(() => (folder = makeFolder()));
  after(() => removeFolder(folder));

  const total = (name: string, cost: CostRates): number => {
    const place = join(folder, name);
    unpackRun(name, place);
    const evidence = readEvidence(place);
    return measure({ ...evidence, plan: { ...evidence.plan, cost } }).cost!.monthly!.total!;
  };
  const STRATEGIES = ['backup-restore', 'pilot-light', 'warm-standby', 'active-active'];
  const flat = { ...PRICES, instance_hour: { postgres: 0.1, app: 0.1, redis: 0.1 } };
  // Backups that are shipped all the time, over a link that is dear.
  const dear = { ...PRICES, gb_transferred: 0.12, segment_every_ms: 60_000 };

  for (const [title, prices] of Object.entries({ 'each kind its own': PRICES, flat, dear })) {
    it(`rises from backup & restore to active-active (${title})`, () => {
      const totals = STRATEGIES.map((name) => total(name, prices));
      expect(totals).to.deep.equal(totals.toSorted((a, b) => a - b));
      expect(totals[0]).to.be.greaterThan(0);
      expect(totals[3]).to.be.greaterThan(totals[0]!);
    });
  }
});
