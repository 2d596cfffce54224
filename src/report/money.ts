// An amount as people read it.

/** `EUR 12.34`; small amounts with two figures, `EUR 0.0031`. */
export function money(currency: string, amount: number): string {
  const isSmall = amount !== 0 && Math.abs(amount) < 0.1;
  return `${currency} ${isSmall ? amount.toPrecision(2) : amount.toFixed(2)}`;
}
