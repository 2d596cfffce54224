// Keys that JavaScript keeps for itself.

/** An open mapping passes over `__proto__`; no message can be made of a value with the others. */
const RESERVED: readonly (string | number)[] = ['__proto__', 'toString', 'valueOf'];

/** What is wrong with the first reserved key among these; null: none of them is one. */
export function reservedKeyProblem(keys: readonly (string | number)[]): string | null {
  const key = keys.find((each) => RESERVED.includes(each));
  return key === undefined ? null : `no key of a drill file is called ${key}; leave this out`;
}
