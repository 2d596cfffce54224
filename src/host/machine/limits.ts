// What the system lets each process have.
import { readdirSync, readFileSync, statSync } from 'node:fs';

/** Open files, which Node has raised as far as it may; null where the system does not say. */
export function descriptorsMax(): number | null {
  return limitOf('Max open files');
}

export interface Tasks {
  readonly has: number;
  readonly most: number;
}

/**
 * Processes and threads that there are and may be, of this user and in this container: those of
 * which fewer are free. Null where nothing holds them, or the system does not say.
 */
export function tasksOfUser(): Tasks | null {
  const uid = process.getuid?.() ?? 0;
  const most = uid === 0 ? null : limitOf('Max processes'); // root may start what it likes
  const own = most === null || most === Infinity ? null : { has: countTasks(uid), most };
  const all = [own, tasksOfContainer()].filter((each) => each !== null);
  return all.toSorted((a, b) => a.most - a.has - (b.most - b.has))[0] ?? null;
}

/** As the container itself sees its control group (version 2). */
function tasksOfContainer(): Tasks | null {
  try {
    const [has = NaN, most = NaN] = ['current', 'max'].map((name) => {
      return Number(readFileSync(`/sys/fs/cgroup/pids.${name}`, 'utf8'));
    });
    return Number.isNaN(has + most) ? null : { has, most };
  } catch {
    return null;
  }
}

function countTasks(uid: number): number {
  return readdirSync('/proc').reduce((sum, name) => {
    if (!/^\d+$/.test(name)) return sum;
    try {
      if (statSync(`/proc/${name}`).uid !== uid) return sum;
      return sum + readdirSync(`/proc/${name}/task`).length;
    } catch {
      return sum; // it has ended
    }
  }, 0);
}

function limitOf(name: string): number | null {
  try {
    const text = readFileSync('/proc/self/limits', 'utf8');
    const said = new RegExp(`^${name} +(\\S+)`, 'm').exec(text)?.[1];
    if (said === undefined) return null;
    return said === 'unlimited' ? Infinity : Number(said);
  } catch {
    return null;
  }
}
