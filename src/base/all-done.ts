// Work of which all is done, whatever becomes of a part of it.

/** Waits for all of them, then rejects as the first that did, or resolves to what they came to. */
export async function allDone<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(work);
  return settled.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}

/** All of them, whatever becomes of one; then it rejects as the first that did. */
export async function oneAfterTheOther<T>(work: readonly (() => Promise<T>)[]): Promise<T[]> {
  const failed: unknown[] = [];
  const done: T[] = [];
  for (const each of work) {
    await each().then(
      (value) => done.push(value),
      (error: unknown) => failed.push(error),
    );
  }
  if (failed.length > 0) throw failed[0];
  return done;
}
