// Who this process is, and who else there is on the machine.
import { lstatSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

export interface HostUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** This process's user; null when its uid has no entry in the user database. */
export function currentUser(): HostUser | null {
  try {
    const { username, uid, gid } = userInfo();
    return { name: username, uid, gid };
  } catch {
    return null;
  }
}

/** This process's user in words: `ada`, or `uid 1000` where nobody knows its name. */
export function userWords(): string {
  return currentUser()?.name ?? `uid ${ownUid()}`;
}

/** Whose the file is; null where it cannot be looked at. */
export function ownerOfPath(
  path: string,
): { readonly uid: number; readonly name: string | null } | null {
  try {
    const { uid } = lstatSync(path);
    const fields = passwdFields().find((field) => Number(field[2]) >>> 0 === uid);
    return { uid, name: fields?.[0] ?? null };
  } catch {
    return null;
  }
}

export function ownUid(): number {
  return process.getuid?.() ?? -1;
}

export function ownIds(): { readonly uid: number; readonly gid: number } {
  return { uid: ownUid(), gid: process.getgid?.() ?? -1 };
}

/** Whom root lets programs run as that need none of its rights; null where there is nobody. */
export function ordinaryUser(): HostUser | null {
  const user = findUser('postgres') ?? findUser('nobody');
  return user === null || user.uid === 0 ? null : user;
}

/** Looks a user up in /etc/passwd, where system users stand on Linux and macOS alike. */
export function findUser(name: string): HostUser | null {
  const entry = passwdFields().find((field) => field[0] === name);
  if (entry === undefined) return null;
  // macOS writes nobody's uid as -2.
  return { name, uid: Number(entry[2]) >>> 0, gid: Number(entry[3]) >>> 0 };
}

function passwdFields(): string[][] {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
    return lines.map((line) => line.split(':')).filter((fields) => fields.length > 2);
  } catch {
    return [];
  }
}
