// A least drill file of each strategy, with room for what is to be said of it; and the test of one
// that is refused.
import { expect } from 'chai';
import type { Strategy } from '../../../src/drill/names.ts';
import { GOOD, heads, parse } from './drill-file.ts';

export const LOST = 'at: 2s, kind: lose-region, region: east';
export const BOTH_ACTIVE = 'regions: { east: { role: active }, west: { role: active } }';

export interface Parts {
  /** In place of the recovery point objective. */
  readonly targets?: string;
  /** A line of the topology, the sixth of the file (the seventh with active-active). */
  readonly topology?: string;
  readonly faults?: readonly string[];
  /** Lines at the end. */
  readonly more?: string;
}

/** The message begins with the line and the column. */
export type Row = readonly [title: string, strategy: Strategy, parts: Parts, message: string];

export function of(strategy: Strategy, parts: Parts = {}): string {
  const { targets = 'rpo: 1s', topology, faults = [LOST], more = '' } = parts;
  const own = strategy === 'active-active' ? [BOTH_ACTIVE] : [];
  const stated = topology === undefined ? own : [...own, topology];
  const lines = [`strategy: ${strategy}`, ...stated].join('\n  ');
  return GOOD.replace('rpo: 1s', targets)
    .replace('strategy: warm-standby', lines)
    .replace(`  - { ${LOST} }`, faults.map((fault) => `  - { ${fault} }`).join('\n'))
    .concat(more === '' ? '' : `${more}\n`);
}

export function refused([title, strategy, parts, message]: Row): void {
  it(`refuses ${title}`, () => {
    const text = of(strategy, parts);
    expect(heads(text)).to.include(`a.yaml:${message}`);
    expect(parse(text).drill).to.equal(null);
  });
}
