// Drill files as nobody would write them: each made of a good one by a few changes that are drawn at
// random, in its text or in its tree.
import { isMap, isScalar, isSeq, parseDocument, visit, type Document, type Pair } from 'yaml';

export type Draw = () => number;

const upTo = (draw: Draw, most: number): number => Math.floor(draw() * most);
const oneOf = <T>(draw: Draw, all: readonly T[]): T => all[upTo(draw, all.length)]!;

/** What no key expects, and what some nearly do. */
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -0, 1, -1, 0.1, 1e308, -1e308, 1e21, NaN, Infinity, -Infinity],
  ...[
    2 ** 31,
    2 ** 53,
    2 ** 53 + 2,
    '',
    ' ',
    '0',
    '0s',
    '-1s',
    '1e9s',
    '1ms',
    '24h',
    '25h',
    '9e99h',
  ],
  ...['99999999999999999999s', '100%', '0%', '101%', '-5%', '1e3%', '0/s', '1/s', '1e6/s', '9/0'],
  ...[
    '1B',
    '0MB',
    '999999999TB',
    '5s..1s',
    '1s..5s',
    '..',
    '1s..',
    'never',
    'always',
    'east',
    'west',
  ],
  ...['east-west', 'clients-east', 'clients-west', 'east/postgres', 'west/redis', 'east/app-1'],
  ...['east/app-99', 'any', 'none', '__proto__', 'constructor', 'toString', 'hasOwnProperty'],
  ...[
    '\u0000',
    '\u202e',
    '\ud800',
    '\ufeff',
    '𝟙s',
    '１s',
    '1\u00a0s',
    'é'.repeat(300),
    '💥',
    '\n\n',
    '\t',
  ],
  ...[
    'replication_lag > 1MB',
    'availability < 50% for 30s',
    'p99 > 5s for 10s',
    '> < >',
    'a > b for c',
  ],
  ...['2026-11-29', '!!binary aGk=', '0x1f', '0o17', '.inf', '.nan', '~', 'yes', '<<', '&a', '*a'],
  ...[[], {}, [[]], [null], { '': null }, [1, 'a', {}], { a: { b: { c: [] } } }],
  ...[
    'kill',
    'freeze',
    'partition',
    'sync',
    'async',
    'backup-restore',
    'pilot-light',
    'warm-standby',
  ],
  ...[
    'active-active',
    'active',
    'standby',
    'operator',
    'after 1s',
    'after',
    'recovery',
    'ride-out',
  ],
];
const KEYS = [
  'drill',
  'name',
  'targets',
  'rto',
  'at',
  'for',
  'kind',
  'region',
  'repeat',
  'when',
  'x',
];
const ODD_KEYS = ['__proto__', 'constructor', '', ' ', '<<', 'ключ', '💥', '0', 'a.b', 'toString'];
const SNIPPETS = [
  ...['\t', '\u0000', '\ufeff', '\u2028', '\r', '\r\n', '\n', ': ', '- ', '{', '}', '[', ']', ', '],
  ...[
    '&a ',
    '*a',
    '*nobody',
    '<<: *a\n',
    '<<: [1]\n',
    '!!str ',
    '!x ',
    '---\n',
    '...\n',
    '? ',
    '| ',
    '>-\n',
  ],
  ...[
    '"',
    "'",
    '#',
    '%YAML 9.9\n',
    '\u202e',
    '💥',
    '\\',
    '@',
    '`',
    '{'.repeat(120),
    '- '.repeat(120),
  ],
  ...['9'.repeat(400), `x: &b [${'*b, '.repeat(3)}]\n`, 'drill: 1\n', 'faults: []\n', 'x-a: *a\n'],
];

type TextChange = (text: string, draw: Draw) => string;

const TEXT_CHANGES: readonly TextChange[] = [
  (text, draw) => {
    const at = upTo(draw, text.length + 1);
    return text.slice(0, at) + oneOf(draw, SNIPPETS) + text.slice(at);
  },
  (text, draw) => {
    const at = upTo(draw, text.length);
    return text.slice(0, at) + text.slice(at + 1 + upTo(draw, 12));
  },
  (text, draw) => {
    const at = upTo(draw, text.length);
    return text.slice(0, at) + String.fromCharCode(upTo(draw, 0x250)) + text.slice(at + 1);
  },
  (text, draw) => text.slice(0, upTo(draw, text.length)),
  (text, draw) => lines(text, (all) => all.toSpliced(upTo(draw, all.length), 1)),
  (text, draw) => {
    return lines(text, (all) => all.toSpliced(upTo(draw, all.length), 0, oneOf(draw, all)));
  },
  (text, draw) => {
    return lines(text, (all) => {
      const [one, other] = [upTo(draw, all.length), upTo(draw, all.length)];
      return all.with(one, all[other]!).with(other, all[one]!);
    });
  },
  (text, draw) => {
    const by = oneOf(draw, ['  ', ' ', '\t']);
    return lines(text, (all) => all.with(upTo(draw, all.length), by + oneOf(draw, all)));
  },
  (text, draw) => text.replaceAll(/\d+/g, (number) => (draw() < 0.1 ? digits(draw) : number)),
  (text, draw) => {
    const units = ['ms', 's', 'm', 'h', '%', '/s', 'MB', 'B', 'd', ''];
    return text.replaceAll(/(?<=\d)[a-zA-Z%/]+/g, (unit) =>
      draw() < 0.2 ? oneOf(draw, units) : unit,
    );
  },
];

function lines(text: string, change: (all: string[]) => string[]): string {
  return change(text.split('\n')).join('\n');
}

function digits(draw: Draw): string {
  return oneOf(draw, [
    '0',
    '1',
    '-1',
    '99999',
    '1e9',
    '0.5',
    String(upTo(draw, 1000)),
    '9'.repeat(30),
  ]);
}

type TreeChange = (document: Document, pairs: readonly Found[], draw: Draw) => void;
interface Found {
  readonly pair: Pair;
  readonly among: Pair[];
}

const TREE_CHANGES: readonly TreeChange[] = [
  (document, pairs, draw) => {
    oneOf(draw, pairs).pair.value = document.createNode(oneOf(draw, VALUES));
  },
  (document, pairs, draw) => {
    const from = oneOf(draw, pairs).pair.value;
    const into = oneOf(draw, pairs);
    into.pair.value = document.createNode(plainOf(from, document));
  },
  (document, pairs, draw) => {
    const { key } = oneOf(draw, pairs).pair;
    const others = [...KEYS, ...ODD_KEYS, String(oneOf(draw, pairs).pair.key)];
    if (isScalar(key)) key.value = oneOf(draw, others);
  },
  (_, pairs, draw) => {
    const { pair, among } = oneOf(draw, pairs);
    among.splice(among.indexOf(pair), 1);
  },
  // A copy: a mapping inside itself has no text, and takes seconds to be seen to have none.
  (document, pairs, draw) => {
    const { key, value } = oneOf(draw, pairs).pair;
    oneOf(draw, pairs).among.push(document.createPair(key, plainOf(value, document)));
  },
  (document, pairs, draw) => {
    const key = oneOf(draw, [...KEYS, ...ODD_KEYS]);
    oneOf(draw, pairs).among.push(document.createPair(key, oneOf(draw, VALUES)));
  },
  (document, _, draw) => {
    inSequence(document, draw, (items) => items.splice(upTo(draw, items.length + 1), 1));
  },
  (document, _, draw) => {
    inSequence(document, draw, (items) => items.push(document.createNode(oneOf(draw, VALUES))));
  },
  (document, _, draw) => {
    inSequence(document, draw, (items) => {
      const copies = Array.from({ length: oneOf(draw, [1, 2, 9]) }, () => oneOf(draw, items));
      items.push(...copies.map((item) => document.createNode(plainOf(item, document))));
    });
  },
  (document, pairs, draw) => {
    const { value } = oneOf(draw, pairs).pair;
    if (!isNode(value) || (!isMap(value) && !isScalar(value) && !isSeq(value))) return;
    value.anchor = 'a';
    oneOf(draw, pairs).pair.value = document.createAlias(value, 'a');
  },
];

function isNode(
  value: unknown,
): value is { toJS: (document: Document) => unknown; anchor?: string } {
  return isMap(value) || isScalar(value) || isSeq(value);
}

/** A copy without the node that it was. */
function plainOf(value: unknown, document: Document): unknown {
  return isNode(value) ? value.toJS(document) : value;
}

function inSequence(document: Document, draw: Draw, change: (items: unknown[]) => void): void {
  const found: unknown[][] = [];
  visit(document, { Seq: (_, { items }) => void found.push(items) });
  if (found.length > 0) change(oneOf(draw, found));
}

/** So many changes of the tree. */
function changeTree(text: string, changes: number, draw: Draw): string {
  const document = parseDocument(text, { logLevel: 'silent' });
  try {
    for (let left = changes; left > 0; left--) {
      const pairs: Found[] = [];
      visit(document, {
        Map: (_, { items }) => void pairs.push(...items.map((pair) => ({ pair, among: items }))),
      });
      if (pairs.length > 0) oneOf(draw, TREE_CHANGES)(document, pairs, draw);
    }
    return document.toString({ lineWidth: 0 });
  } catch {
    return text; // a tree that has no text, such as an alias before what it stands for
  }
}

/** One to four changes, of the tree before those of the text; now and then bytes that are no text. */
export function mutate(good: string, draw: Draw): Uint8Array {
  const changes = 1 + upTo(draw, 4);
  const ofTree = Array.from({ length: changes }, draw).filter((drawn) => drawn < 0.6).length;
  let text = ofTree > 0 ? changeTree(good, ofTree, draw) : good;
  for (let left = changes - ofTree; left > 0; left--) text = oneOf(draw, TEXT_CHANGES)(text, draw);
  const bytes = Buffer.from(text);
  if (draw() < 0.01 && bytes.length > 0) bytes[upTo(draw, bytes.length)]! ^= 0x80;
  return bytes;
}
