// `Promise.all` that leaves nothing under way behind a failure.

/** Waits for all of them, then rejects as the first that did, or resolves to what they came to. */
export async function allDone<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(work);
  return settled.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}
