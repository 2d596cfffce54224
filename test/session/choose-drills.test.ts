import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeResult } from '../../src/verdict/assess.ts';
import { chosenOf, filesOf, type Choice } from '../../src/session/choose-drills.ts';
import { readDrill, type DrillRead } from '../../src/session/read.ts';
import type { Result } from '../../src/verdict/result.ts';
import { GOOD, makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';
import { passed } from '../support/evidence/results.ts';

const NAMES = ['one', 'two', 'three'];

describe('which drills are run', () => {
  let folder = '';
  let drills: DrillRead[] = [];
  beforeEach(async () => {
    folder = makeFolder();
    mkdirSync(join(folder, 'drills', 'more'), { recursive: true });
    drills = [];
    for (const name of NAMES) {
      const tags = name === 'two' ? 'tags: [nightly, slow]\n' : '';
      const file = join('drills', `${name}.yaml`);
      writeFileSync(join(folder, file), `${GOOD.replace(/^name: .*$/m, `name: ${name}`)}${tags}`);
      const { drill } = await readDrill(file, {}, { directory: folder, environment: {} });
      drills.push(drill!);
    }
  });
  afterEach(() => removeFolder(folder));

  const runs = () => join(folder, '.drill', 'runs');
  const chosen = (choice: Partial<Choice>) => {
    const all = { grep: null, tags: null, lastFailed: false, ...choice };
    return chosenOf(drills, all, runs()).map(({ plan }) => plan.name);
  };
  function wasRun(id: string, name: string, verdict: Result['verdict']) {
    mkdirSync(join(runs(), id), { recursive: true });
    const result = { ...passed, id, verdict, drill: { ...passed.drill, name } };
    writeFileSync(join(runs(), id, 'result.json'), writeResult(result));
  }

  it('are all of a folder, by name, and each once', () => {
    writeFileSync(join(folder, 'drills', 'drill.config.yaml'), '');
    writeFileSync(join(folder, 'drills', 'more', 'other.yaml'), GOOD);
    const all = ['drills/one.yaml', 'drills/three.yaml', 'drills/two.yaml'];
    expect(filesOf(['drills'], folder)).to.deep.equal(all);
    expect(filesOf(['drills/', './drills/two.yaml', 'a-name'], folder)).to.have.length(4);
    mkdirSync(join(folder, 'empty'));
    expect(() => filesOf(['empty'], folder)).to.throw('no drill files in the folder empty');
    // By its name, by its file and by its folder it is one drill.
    for (const words of [
      ['one', 'drills/one.yaml'],
      ['drills/one.yaml', 'one'],
      ['one', 'one'],
    ]) {
      expect(filesOf(words, folder), words.join()).to.have.length(1);
    }
    expect(filesOf(['one', 'drills'], folder)).to.have.length(3);
    expect(filesOf(['one', 'two', 'none'], folder)).to.deep.equal(['one', 'two', 'none']);
  });

  it('are those of a name, or of a tag', () => {
    expect(chosen({ grep: /^t/u })).to.deep.equal(['two', 'three']);
    expect(chosen({ tags: ['weekly', 'nightly'] })).to.deep.equal(['two']);
    expect(chosen({ grep: /o/u, tags: ['slow'] })).to.deep.equal(['two']);
  });

  it('are none without being told: a filter that matches nothing is an error', () => {
    for (const choice of [{ grep: /four/u }, { tags: ['weekly'] }, { lastFailed: true }]) {
      expect(() => chosen(choice)).to.throw('none of these drills is meant: one, two, three');
    }
  });

  it('are those whose newest run did not pass', () => {
    wasRun('20261101T000000Z-one-0001', 'one', 'fail');
    wasRun('20261102T000000Z-one-0002', 'one', 'pass');
    wasRun('20261101T000000Z-two-0003', 'two', 'pass');
    wasRun('20261103T000000Z-two-0004', 'two', 'inconclusive');
    expect(chosen({ lastFailed: true })).to.deep.equal(['two']);
  });
});
