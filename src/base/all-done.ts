// `Promise.all` that leaves nothing under way behind a failure.

/** Waits for all of them, then rejects as the first that did. */
export async function allDone(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
