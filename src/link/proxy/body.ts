// Reads the JSON bodies of the API as Toxiproxy 2.12 does, which is written in Go: keys in any case
// of letters, unknown ones ignored, null means left out, a wrong type is a 400, and what comes
// after the first value is not read. The API's errors are worded and numbered as there.

export class ApiError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export const apiErrors = {
  badBody: (why: string) => new ApiError(`bad request body: ${why}`, 400),
  missingField: (field: string) => new ApiError(`missing required field: ${field}`, 400),
  proxyNotFound: () => new ApiError('proxy not found', 404),
  proxyExists: () => new ApiError('proxy already exists', 409),
  invalidStream: () =>
    new ApiError('stream was invalid, can be either upstream or downstream', 400),
  invalidToxicType: () => new ApiError('invalid toxic type', 400),
  toxicExists: () => new ApiError('toxic already exists', 409),
  toxicNotFound: () => new ApiError('toxic not found', 404),
  stranger: () => new ApiError('expected the token of the run in the path: /TOKEN/proxies', 401),
  cannotListen: (why: string) => new ApiError(`listen tcp${why}`, 500),
} as const;

/** Where whole numbers end there. */
const INT64 = 2 ** 63;

export type Fields = Readonly<Record<string, unknown>>;

export function parseBody(text: string): unknown {
  if (text.trim() === '') throw apiErrors.badBody('EOF');
  try {
    return JSON.parse(firstValue(text)) as unknown;
  } catch (error) {
    throw apiErrors.badBody((error as Error).message);
  }
}

/** An object or an array up to its end; anything else is the whole text. */
function firstValue(text: string): string {
  let depth = 0;
  let isString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (isString) {
      if (character === '\\') at++;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') {
      depth--;
      if (depth === 0) return text.slice(0, at + 1);
    }
  }
  return text;
}

/** The value of a key in whatever case of letters; of several, the last one. */
export function valueOf(fields: Fields, name: string): unknown {
  return Object.entries(fields).findLast(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

export function asFields(value: unknown, what: string): Fields {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongType(what, 'an object', value);
  return value as Fields;
}

export function asList(value: unknown, what: string): readonly unknown[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw wrongType(what, 'an array', value);
  return value;
}

/** The field, of the type that the fallback has; a field that is left out is the fallback. */
export function field<T extends string | boolean | number>(
  fields: Fields,
  name: string,
  fallback: T,
): T {
  const value = valueOf(fields, name) ?? fallback;
  if (typeof value === typeof fallback) return value as T;
  throw wrongType(name, `a ${typeof fallback}`, value);
}

export function integerField(fields: Fields, name: string, fallback: number): number {
  const value = field(fields, name, fallback);
  const isWhole = Number.isInteger(value) && Math.abs(value) < INT64;
  if (!isWhole) throw wrongType(name, 'a whole number', value);
  return value;
}

function wrongType(what: string, expected: string, value: unknown) {
  return apiErrors.badBody(`${what} must be ${expected}, not ${JSON.stringify(value)}`);
}
