// The keys of a JSON schema as rows: dotted key, type, default, meaning.
import { defaultWords, typeWords, type KeySchema } from '../../src/drill/explain/key-words.ts';
import { cell, code } from './markdown.ts';

/** Rows below `path`, parents before their keys. */
export function schemaRows(schema: object, path = ''): string[][] {
  const { properties = {}, additionalProperties, items, required = [] } = schema as KeySchema;
  const named = Object.entries(properties).flatMap(([name, child]) =>
    rowsOf(child, path === '' ? name : `${path}.${name}`, required.includes(name)),
  );
  const open = typeof additionalProperties === 'object' ? additionalProperties : null;
  const free = open === null ? [] : rowsOf(open, `${path}.NAME`, false);
  const forms = items === undefined ? [] : [items, ...(items.anyOf ?? items.oneOf ?? [])];
  const listed = merged(forms.flatMap((form) => schemaRows(form, `${path}[]`)));
  return [...named, ...free, ...listed];
}

/** One row for each key; a key that has several forms can have the type of each. */
function merged(rows: readonly string[][]): string[][] {
  const byKey = new Map<string, string[]>();
  for (const row of rows) {
    const [key = '', type = '', ...rest] = row;
    const first = byKey.get(key);
    const known = first?.[1]?.split(', ') ?? [];
    const types = known.includes(type) || type === known.join(', ') ? known : [...known, type];
    byKey.set(key, [key, types.join(', '), ...(first?.slice(2) ?? rest)]);
  }
  return [...byKey.values()];
}

function rowsOf(schema: KeySchema, path: string, isRequired: boolean): string[][] {
  const variants = schema.anyOf ?? schema.oneOf ?? [];
  const inside = [schema, ...variants].flatMap((each) => schemaRows(each, path));
  const meaning = cell(schema.description ?? '');
  const usual = isRequired ? '**required**' : defaultWords(schema, code);
  const row = [code(path), typeWords(schema, code), usual, meaning];
  return [row, ...inside];
}
