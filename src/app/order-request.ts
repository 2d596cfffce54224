// Reads what clients send: the body of `POST /orders`, `POST /carts/<writer>/items` and `POST
// /stock/<key>`, the numbers in the latter two's paths, and the id in `GET
// /orders/<writer>-<sequence>`.
import type { OrderRequest } from './protocol.ts';

/** PostgreSQL's largest integer, for writers and for keys of shared rows. */
const WRITER_MAX = 0x7fff_ffff;

export interface OrderId {
  readonly writer: number;
  readonly sequence: number;
}

export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** Checks a body against `OrderRequest`; the problem says what was expected and what came. */
export function parseOrder(text: string): Parsed<OrderRequest> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { problem: 'the body is not JSON' };
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { problem: 'the body must be an object with writer, sequence and payload' };
  }
  const { writer, sequence, payload } = body as Record<string, unknown>;
  if (!isWriter(writer)) {
    return {
      problem: `writer must be a whole number from 0 to ${WRITER_MAX}, got ${show(writer)}`,
    };
  }
  if (!isSequence(sequence)) {
    return { problem: `sequence must be a whole number from 0 up, got ${show(sequence)}` };
  }
  if (typeof payload !== 'string') {
    return { problem: `payload must be a string, got ${show(payload)}` };
  }
  // PostgreSQL's text cannot hold it.
  if (payload.includes('\0')) return { problem: 'payload must not contain the character U+0000' };
  return { value: { writer, sequence, payload } };
}

/** `12-345` as writer 12, sequence 345. */
export function parseOrderId(text: string): Parsed<OrderId> {
  const match = /^(\d{1,10})-(\d{1,16})$/.exec(text);
  const writer = Number(match?.[1]);
  const sequence = Number(match?.[2]);
  if (match === null || !isWriter(writer) || !isSequence(sequence)) {
    return { problem: `an order's id is <writer>-<sequence>, got ${show(text)}` };
  }
  return { value: { writer, sequence } };
}

/** The writer in `/carts/12/items`; null for any other path. */
export function parseCartPath(path: string): number | null {
  return numberIn(/^\/carts\/(\d{1,10})\/items$/, path);
}

/** The key in `/stock/7`; null for any other path. */
export function parseStockPath(path: string): number | null {
  return numberIn(/^\/stock\/(\d{1,10})$/, path);
}

function numberIn(pattern: RegExp, path: string): number | null {
  const digits = pattern.exec(path)?.[1];
  return digits !== undefined && isWriter(Number(digits)) ? Number(digits) : null;
}

function isWriter(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= WRITER_MAX;
}

function isSequence(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
