// How a cart stands in Redis: one list per writer, each write one item at its end, so that a write
// that was overwritten, repeated or dropped shows. Shared by who writes and who counts.

export const CART_KEYS = 'cart:*';

export function cartKey(writer: number): string {
  return `cart:${writer}`;
}

/** The writer of a key; NaN where it is no cart of a writer. */
export function cartWriter(key: string): number {
  const digits = /^cart:(\d{1,10})$/.exec(key)?.[1];
  return digits === undefined ? NaN : Number(digits);
}

export function cartItem(sequence: number, payload: string): string {
  return `${sequence} ${payload}`;
}

export interface CartItem {
  /** NaN where the item is not one that the service writes. */
  readonly sequence: number;
  readonly payload: Uint8Array;
}

const SPACE = 0x20;
const DIGITS_MAX = 16;

export function parseCartItem(item: Uint8Array): CartItem {
  const space = item.indexOf(SPACE);
  const digits = space < 0 ? '' : String.fromCharCode(...item.subarray(0, Math.min(space, 20)));
  const isWritten = /^(0|[1-9]\d*)$/.test(digits) && digits.length <= DIGITS_MAX;
  if (!isWritten) return { sequence: NaN, payload: item };
  return { sequence: Number(digits), payload: item.subarray(space + 1) };
}
