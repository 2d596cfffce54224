// Text from outside in each report for another program, read by a reader that is not ours: it stays
// text, and the report stays whole.
import { expect } from 'chai';
import { marked } from 'marked';
import { parse } from 'junit2json';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { githubReporter } from '../../../src/report/form/github.ts';
import { KINDS } from '../../../src/report/kinds.ts';
import { fileOutput } from '../../../src/report/reporters.ts';
import { forOutput } from '../../../src/screen/paint.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';
import { doubtful, lostData, notBroughtUp, passed, plan } from '../../support/evidence/results.ts';

const EVILS: Readonly<Record<string, string>> = {
  'a script': '</script><script>alert(1)</script><img src=x onerror=alert(2)>',
  'an attribute that ends': `" onmouseover='alert(1)' x="`,
  'codes of a terminal': '\u001b[2J\u001b]0;t\u0007\u009b1A',
  'directions of text': 'a\u202eb\u2066c\u2028d',
  'a link': '[a](javascript:alert(1)) ![b](https://192.0.2.1/c.png) <https://192.0.2.1>',
  'the end of a comment': '--> <!-- x',
  'the end of a CDATA section': ']]><b>',
  'a command to a job': 'a\n::error file=x::forged\n##vso[task.complete]',
  'a result of TAP': 'a\nok 99 - forged\nBail out! # SKIP # TODO',
  'a sample of metrics': 'a"} 1\ndrill_forged{x="y\\',
  'a table': 'a | b | c\n| --- |\n# heading\n- @someone #1 `code`',
  entities: '&lt;script&gt; &#60;b&#62; %0A%3A,',
  'a character that XML has not': 'a\u0000b\ufffec\ud800',
};

const hostile = (text: string, result: Result): Result => ({
  ...result,
  drill: { ...result.drill, name: text, strategy: text },
  reasons: [text],
  notes: [text],
  gates: result.gates.map((gate) => ({ ...gate, reason: gate.reason === null ? null : text })),
  cleanup: { clean: false, left: [text] },
});

async function written(kind: string, results: readonly Result[]): Promise<string> {
  let text = '';
  const write = (each: string) => void (text += forOutput(each));
  const output = { write, isTerminal: false, hasColour: false, columns: () => 80, rows: () => 24 };
  const reporter = KINDS[kind]!.make(output, hostClock());
  for (const result of results) {
    reporter.onPlan?.(plan);
    reporter.onResult?.(result, '/runs/1');
  }
  expect(text, 'before the end').to.equal('');
  await reporter.onEnd?.();
  return text;
}

const REPORTS = Object.entries(KINDS).flatMap(([name, { writes }]) => {
  return writes === 'report' ? [name] : [];
});

/** What is wrong with a report of one drill with `gates` targets; a reader of each form looks. */
const CHECKS: Readonly<Record<string, (text: string, gates: number) => unknown>> = {
  html: (text) => {
    expect(text).not.to.match(/<script>alert|<img|<b>|onmouseover='|<!--/);
    expect(text.match(/<\/html>/g)).to.have.length(1);
  },
  markdown: async (text, gates) => {
    const page = await marked(text, { gfm: true });
    const found = [...page.matchAll(/<\/?([a-z]\w*)([^>]*)>/g)];
    const tags = new Set(found.map(([, tag]) => tag));
    for (const [tag, , attributes] of found) expect(attributes, tag).to.equal('');
    const known = ['h3', 'p', 'ul', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td'];
    expect([...known, 'details', 'summary', 'sub', 'strong']).to.include.members([...tags]);
    const [first = ''] = page.split('</table>');
    expect(first.match(/<tr>/g)).to.have.length(gates + 1);
    for (const row of first.split('<tr>').slice(1)) {
      expect(row.match(/<t[hd]/g)).to.have.length(4);
    }
  },
  json: (text) => expect(JSON.parse(text)).to.have.property('verdict'),
  junit: async (text, gates) => {
    const read = await parse(text);
    const suites = (read as { testsuite?: Suite[] }).testsuite!;
    expect(suites).to.have.length(1);
    expect(suites[0]!.testcase).to.have.length(gates + 1);
    const rest = text.replaceAll(/<!\[CDATA\[.*?\]\]>/gs, '');
    expect(rest).not.to.match(/<script|<b>|<img/);
  },
  github: (text) => {
    for (const line of text.trimEnd().split('\n')) {
      expect(line).to.match(/^::(error|warning) (file=[^:,]*,)?(line=\d+,)?title=[^:,]*::/);
      expect(line.slice(2)).not.to.match(/\n|##vso\[/);
    }
  },
  tap: (text, gates) => {
    const lines = text.split('\n');
    expect(lines.filter((line) => /^(not )?ok /.test(line))).to.have.length(gates + 1);
    expect(lines[1]).to.equal(`1..${gates + 1}`);
    for (const line of lines) expect(line).not.to.match(/^Bail out!|^(not )?ok .*[^\\]# /);
  },
  openmetrics: (text) => {
    for (const line of text.trimEnd().split('\n')) {
      expect(line).to.match(/^# |^drill_[a-z_]+\{([a-z]+="([^"\\]|\\.)*",?)+\} [\d.e+-]+$/);
    }
    expect(text).not.to.match(/^drill_forged/m);
  },
};

interface Suite {
  readonly testcase?: readonly {
    readonly name?: string;
    readonly failure?: readonly unknown[];
    readonly error?: readonly unknown[];
    readonly skipped?: readonly unknown[];
  }[];
  readonly property?: unknown;
}

// eslint-disable-next-line no-control-regex
const DRIVING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

describe('text from outside', () => {
  it('is looked at in every report', () => {
    expect(Object.keys(CHECKS)).to.have.members(REPORTS);
  });

  for (const [what, text] of Object.entries(EVILS)) {
    it(`injects nothing into any report: ${what}`, async () => {
      for (const kind of REPORTS) {
        for (const result of [lostData, doubtful]) {
          const report = await written(kind, [hostile(text, result)]);
          expect(report, kind).not.to.match(DRIVING);
          await CHECKS[kind]!(report, result.gates.length);
        }
      }
    });
  }
});

describe('junit, by another reader', () => {
  it('has a case for each target and the verdict, and each outcome in its own way', async () => {
    const suites = async (result: Result) => {
      return ((await parse(await written('junit', [result]))) as { testsuite: Suite[] }).testsuite;
    };
    const outcomes = async (result: Result) => {
      const [suite] = await suites(result);
      return suite!.testcase!.map(({ failure, error, skipped }) => {
        if (failure !== undefined) return 'failure';
        return error !== undefined ? 'error' : skipped === undefined ? 'ok' : 'skipped';
      });
    };
    expect(new Set(await outcomes(passed))).to.deep.equal(new Set(['ok']));
    expect(await outcomes(lostData))
      .to.include('failure')
      .and.not.to.include('error');
    expect(await outcomes(doubtful))
      .to.include('error')
      .and.not.to.include('failure');
    expect(await outcomes(notBroughtUp))
      .to.include('error')
      .and.not.to.include('failure');
  });
});

describe('github, with the drill file at hand', () => {
  const bytes = Buffer.from('name: a\ntargets:\n  rpo: 1s\n  rto: 500ms\n');
  const lines = async (results: readonly Result[], file = 'drills/a,b:c.yaml') => {
    let text = '';
    const reporter = githubReporter({ write: (each) => (text += each) });
    for (const result of results) {
      reporter.onPlan?.(plan, false, { file, bytes });
      reporter.onResult?.(result, '/runs/1');
    }
    await reporter.onEnd?.();
    return forOutput(text).trimEnd().split('\n');
  };

  it('annotates the line of the target, or of all targets', async () => {
    const [first = ''] = await lines([lostData]);
    expect(first).to.match(/^::error file=drills\/a%2Cb%3Ac\.yaml,line=4,title=FAIL/);
    const gates = lostData.gates.map((gate) => ({ ...gate, name: 'split_brain' }));
    expect((await lines([{ ...lostData, gates }]))[0]).to.include('.yaml,line=2,title=');
  });

  it('has the line of a problem of a drill file', async () => {
    let text = '';
    const reporter = githubReporter({ write: (each) => (text += each) });
    await reporter.onRefused?.([{ file: 'bad.yaml', reasons: ['3:5: error: rto'] }]);
    expect(forOutput(text)).to.match(/^::error file=bad\.yaml,line=3,title=drill file::/);
  });

  it('shows what fails before what is open, however many there are', async () => {
    const open = Array.from({ length: 12 }, () => doubtful);
    const shown = await lines([...open, lostData]);
    expect(shown).to.have.length(10);
    expect(shown[0]).to.match(/^::error /);
    expect(shown[9]).to.match(/^::warning /);
  });
});

describe('a report file', () => {
  let folder: string;
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  it('is written beside and moved into place: a reader of the old one has it whole', () => {
    const path = join(folder, 'a.xml');
    const [old, newer] = ['### PASS: old', '### PASS: new'];
    writeFileSync(path, old);
    symlinkSync(path, join(folder, 'link'));
    const reader = openSync(path, 'r');
    fileOutput(path, '--reporter').write(newer);
    expect(readFileSync(reader, 'utf8')).to.equal(old);
    closeSync(reader);
    expect(readFileSync(path, 'utf8')).to.equal(newer);
    expect(readdirSync(folder)).to.have.members(['a.xml', 'link']);
    // A link stays one, and what it names is written.
    fileOutput(join(folder, 'link'), '--reporter').write('newer');
    expect(readFileSync(path, 'utf8')).to.equal('newer');
  });

  it('leaves nothing beside it, and the old one, where it cannot be moved into place', () => {
    const path = join(folder, 'a.xml');
    const output = fileOutput(path, '--reporter');
    mkdirSync(path);
    expect(() => output.write('new')).to.throw();
    expect(readdirSync(folder)).to.deep.equal(['a.xml']);
  });
});
