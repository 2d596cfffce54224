// The fields of a form that a page sent.
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';

/** Rejects with a 400 where the body is no form. */
export async function formOf(c: Context): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await c.req.parseBody();
  } catch {
    throw new HTTPException(400, { message: 'What was sent is no form.' });
  }
}
