// A part of the world that fails on request: everything that it is asked for, at whatever depth.

/**
 * As `whole`, but a call that would give a promise rejects with what `check` throws. What is known
 * without asking (names, lists) stays.
 */
export function failing<T extends object>(whole: T, check: () => void): T {
  const around = (value: unknown): unknown => {
    if (typeof value === 'function') return value;
    return typeof value === 'object' && value !== null ? failing(value, check) : value;
  };
  return new Proxy(whole, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return around(value);
      return (...given: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(value, target, given);
        return answer instanceof Promise ? checked(answer, check) : around(answer);
      };
    },
  });
}

async function checked(answer: Promise<unknown>, check: () => void): Promise<unknown> {
  check();
  return await answer;
}
