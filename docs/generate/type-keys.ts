// The members of TypeScript interfaces and of objects, with their doc comments, read off the source
// text: for the events of a run and the keys of `result.json`.

export interface Member {
  readonly name: string;
  /** The type as it is written. */
  readonly type: string;
  readonly comment: string;
}

/** Throws where there is no interface of that name. */
export function membersOf(source: string, name: string): Member[] {
  const start = new RegExp(`interface ${name}(?: extends [^{]+)? \\{`).exec(source);
  if (start === null) throw new Error(`there is no interface ${name}`);
  return parseMembers(bodyAt(source, start.index + start[0].length - 1), ';');
}

/** The doc comments of an object's keys, by key. Throws where there is no object of that name. */
export function commentsOf(source: string, name: string): ReadonlyMap<string, string> {
  const start = new RegExp(`const ${name} = \\{`).exec(source);
  if (start === null) throw new Error(`there is no object ${name}`);
  const entries = parseMembers(bodyAt(source, start.index + start[0].length - 1), ',');
  return new Map(entries.map((entry) => [entry.name, entry.comment]));
}

/** The members of a type that is written as `{ … }`; null where it is another one. */
export function innerMembers(type: string): Member[] | null {
  const at = type.indexOf('{');
  return at === -1 || !/^(readonly )?\{/.test(type) ? null : parseMembers(bodyAt(type, at), ';');
}

/** The names that an interface extends. */
export function parentsOf(source: string, name: string): string[] {
  const found = new RegExp(`interface ${name} extends ([^{]+) \\{`).exec(source);
  return found === null ? [] : found[1]!.split(',').map((each) => each.trim());
}

/** What stands between the brace at `from` and the one that closes it. */
function bodyAt(text: string, from: number): string {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return text.slice(from + 1, at);
  }
  throw new Error('a brace is never closed');
}

const COMMENT = /^\s*\/\*\*([\s\S]*?)\*\//;
const LINE_COMMENT = /^\s*\/\/.*\n/;
const NAME = /^\s*(?:readonly )?(?:'([^']+)'|(\w+))\??:\s*/;

function parseMembers(body: string, end: ';' | ','): Member[] {
  const members: Member[] = [];
  let rest = body;
  let comment = '';
  while (rest.trim() !== '') {
    const found = COMMENT.exec(rest) ?? LINE_COMMENT.exec(rest);
    if (found !== null) {
      comment = (found[1] ?? '').replaceAll(/\n\s*\*/g, ' ').trim();
      rest = rest.slice(found[0].length);
      continue;
    }
    const name = NAME.exec(rest);
    if (name === null) throw new Error(`expected a member, found "${rest.trim().slice(0, 40)}"`);
    const length = typeLength(rest.slice(name[0].length), end);
    const type = rest.slice(name[0].length, name[0].length + length).trim();
    members.push({ name: (name[1] ?? name[2])!, type, comment });
    comment = '';
    rest = rest.slice(name[0].length + length + 1);
  }
  return members;
}

/** Up to what ends the member, not one inside braces. */
function typeLength(text: string, end: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if ('{(['.includes(text[at]!)) depth++;
    if ('})]'.includes(text[at]!)) depth--;
    if (text[at] === end && depth === 0) return at;
  }
  return text.length;
}
