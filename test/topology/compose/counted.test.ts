// What the engine has counted of a container, and of one that dies while it is asked.
import { expect } from 'chai';
import { countedIn } from '../../../src/topology/compose/engine/counted.ts';

describe('what a container uses', () => {
  const cpu_stats = { cpu_usage: { total_usage: 5_000_000 } };
  const of = (stats: object) => countedIn({ cpu_stats, memory_stats: { usage: 100, stats } });

  it('is its time, and its memory without files that are only cached', () => {
    expect(of({ inactive_file: 30 })).to.deep.equal({ cpu_ms: 5, memory_bytes: 70 });
    expect(of({ total_inactive_file: 40 })).to.deep.equal({ cpu_ms: 5, memory_bytes: 60 });
    expect(of({})).to.deep.equal({ cpu_ms: 5, memory_bytes: 100 });
  });

  it('is not known of one that died meanwhile, or is gone', () => {
    const memory_stats = { usage: 100 };
    const parts = [{}, { cpu_stats }, { memory_stats }, { cpu_stats: {}, memory_stats }];
    for (const part of [...parts, { cpu_stats, memory_stats: {} }, null]) {
      expect(countedIn(part)).to.equal(null);
    }
  });
});
