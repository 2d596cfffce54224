// An object with some of its properties replaced, for a part that does some things in another way.
import { labOf, type Lab, type System } from '../../../src/topology/system/system.ts';

/** The object itself but for some of its properties; its methods keep their `this`. */
export function overlay<T extends object>(target: T, changes: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => {
      if (name in changes) return changes[name as keyof T];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** The same of a system that drill has made, which is itself also as its own lab. */
export function overlayLab(system: System, changes: Partial<Lab>): Lab {
  const changed: Lab = overlay<Lab>(labOf(system), {
    ...changes,
    get lab() {
      return changed;
    },
  });
  return changed;
}
