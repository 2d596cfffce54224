// Gives up the rights of root in a program that needs none. It has loaded its files by then, which
// another user may be unable to read, and opened what only root may open.
import type { Owner } from '../files.ts';
import { ordinaryUser, ownUid } from '../users.ts';

/**
 * Nothing happens where this process is not root's, or where there is no other user. Its log says
 * so where it has to stay as it is: some builds of Node refuse (CVE-2024-22017).
 */
export function dropRoot(user: Owner = ordinaryUser()): void {
  if (ownUid() !== 0 || user === null) return;
  try {
    process.setgroups!([user.gid]);
    process.setgid!(user.gid);
    process.setuid!(user.uid);
  } catch (error) {
    process.stderr.write(`it goes on as root: ${(error as Error).message}\n`);
  }
}
