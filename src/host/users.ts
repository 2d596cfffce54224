// Who this process is, and who else there is on the machine.
import { readFileSync } from 'node:fs';
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
  let text: string;
  try {
    text = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return null;
  }
  const fields = text.split('\n').map((line) => line.split(':'));
  const entry = fields.find((field) => field[0] === name);
  if (entry === undefined) return null;
  // macOS writes nobody's uid as -2.
  return { name, uid: Number(entry[2]) >>> 0, gid: Number(entry[3]) >>> 0 };
}
