// The address of the database in which several machines keep their history. It may have a password
// in it, which nobody is shown, not even where the address is wrong. Pure.

export interface DatabaseAddress {
  readonly url: string;
  /** Without what is secret: `postgres://drill@db.internal:5432/drill`. */
  readonly shown: string;
  /** What no message may have in it. */
  readonly secrets: readonly string[];
}

/** Who and where, without what every such address begins with: `drill@10.0.1.11:5432/app`. */
export function placeInWords({ shown }: Pick<DatabaseAddress, 'shown'>): string {
  return shown.replace(/^[a-z]+:\/\//, '');
}

/** In place of an address: the files alone. */
export const NO_HISTORY = 'off';

/** Says nothing of what was found: it may be a password. */
export const HISTORY_FORM =
  'expected an address such as postgres://drill@db.internal:5432/drill, or off';

/** Null where it is none. */
export function databaseAddress(text: string): DatabaseAddress | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const { protocol, username, password, host, pathname, searchParams } = url;
  const isReachable = url.hostname !== '' || searchParams.has('host');
  if (!/^postgres(ql)?:$/.test(protocol) || !isReachable) return null;
  const user = username === '' ? '' : `${username}@`;
  const shown = `postgres://${user}${host || searchParams.get('host')}${pathname}`;
  const asked = [...searchParams].flatMap(([key, value]) => (/pass/i.test(key) ? [value] : []));
  return { url: text, shown, secrets: [text, password, decoded(password), ...asked] };
}

/** Nothing is off: a CI has no secrets for a stranger's change. */
export function isHistoryForm(text: string): boolean {
  return text === NO_HISTORY || text === '' || databaseAddress(text) !== null;
}

/** The text as it is where it is no such encoding. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Passwords in addresses, each as so many stars: what is underlined stays in its place. */
export function withoutPasswords(text: string): string {
  return text.replaceAll(/(?<=:\/\/[^\s:@/]*:)\S+(?=@)/g, (found) => '*'.repeat(found.length));
}
