// Keeps secrets out of texts.

/** The text with `***` in place of each secret; the longest first, since one may hold another. */
export function masked(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .toSorted((one, other) => other.length - one.length)
    .reduce((left, secret) => left.replaceAll(secret, () => '***'), text);
}
