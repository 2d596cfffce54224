// A bound on a wait that cannot be cancelled.

/** What `promise` resolves to, or `otherwise` after `ms`; a later rejection is ignored. */
export async function within<T, F>(promise: Promise<T>, ms: number, otherwise: F): Promise<T | F> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<F>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ms);
  });
  promise.catch(() => {});
  try {
    return await Promise.race([promise, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
