// What the engine has counted of a container, and of one that dies while it is asked.
import { expect } from 'chai';
import { countedIn, memoryIn } from '../../../src/topology/compose/engine/counted.ts';

describe('what a container uses', () => {
  const cpu_stats = { cpu_usage: { total_usage: 5_000_000 } };
  const of = (stats: object) => countedIn({ cpu_stats, memory_stats: { usage: 100, stats } });

  it('is its time, and its memory without files that are only cached', () => {
    expect(of({ inactive_file: 30 })).to.deep.equal({ cpu_ms: 5, memory_bytes: 70 });
    expect(of({ total_inactive_file: 40 })).to.deep.equal({ cpu_ms: 5, memory_bytes: 60 });
    expect(of({})).to.deep.equal({ cpu_ms: 5, memory_bytes: 100 });
  });

  it('is what it cannot give back of what it may have, by either version of cgroups', () => {
    const limit = 200;
    const of = (stats: object) => memoryIn({ memory_stats: { usage: 100, limit, stats } });
    // Version 1 has each counter twice: of the group alone, and with all below it.
    const first = { total_active_file: 30, total_inactive_file: 10, active_file: 3, cache: 90 };
    expect(of(first)).to.deep.equal({ held_bytes: 60, limit_bytes: limit });
    // Of version 2, `file` has shared memory in it, which no kernel can take away.
    const second = { active_file: 20, inactive_file: 50, file: 90, anon: 10 };
    expect(of(second)).to.deep.equal({ held_bytes: 30, limit_bytes: limit });
    for (const part of [null, {}, { memory_stats: {} }, { memory_stats: { limit } }]) {
      expect(memoryIn(part)).to.equal(null);
    }
  });

  it('is not known of one that died meanwhile, or is gone', () => {
    const memory_stats = { usage: 100 };
    const parts = [{}, { cpu_stats }, { memory_stats }, { cpu_stats: {}, memory_stats }];
    for (const part of [...parts, { cpu_stats, memory_stats: {} }, null]) {
      expect(countedIn(part)).to.equal(null);
    }
  });
});
