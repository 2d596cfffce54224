// Which user the database servers run as. PostgreSQL refuses to run as root and looks its user up
// by uid.
import { EnvironmentError } from '../../host/environment-error.ts';
import { currentUser, ordinaryUser, ownUid } from '../../host/users.ts';
import type { Owner } from '../../host/files.ts';

export interface Identity {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Another user than this process's: files must be handed over, and paths must be open to it. */
  readonly isOther: boolean;
}

/** Root becomes `postgres`, or else `nobody`; anybody else stays who they are. */
export function databaseIdentity(): Identity {
  if (ownUid() === 0) {
    const user = ordinaryUser();
    if (user !== null) return { ...user, isOther: true };
    throw new EnvironmentError({
      what: 'a user to run PostgreSQL as',
      expected:
        'a user "postgres" or "nobody" in /etc/passwd, since PostgreSQL refuses to run as root',
      found: 'neither',
      hint: 'run drill as an ordinary user, or add one: useradd --system postgres',
    });
  }
  const user = currentUser();
  if (user !== null) return { ...user, isOther: false };
  const uid = ownUid();
  throw new EnvironmentError({
    what: 'the user that drill runs as',
    expected: `an entry for uid ${uid} in the user database, since PostgreSQL looks its user up`,
    found: 'none (a container started with a free uid)',
    hint: `add one: echo "drill:x:${uid}:${uid}::/tmp:/bin/sh" >> /etc/passwd`,
  });
}

/** The user that a file must be handed over to; null when this user keeps it. */
export function ownerOf(identity: Identity): Owner {
  return identity.isOther ? { uid: identity.uid, gid: identity.gid } : null;
}
