// An ACL inside another record: the owner, then one byte when it is the private default.
import { type Acl, type Grant, type Grantee, groups, type Permission } from '../../model/acl.ts';
import type { Reader } from './reader.ts';
import { atPlace, placeOf } from './record.ts';
import type { Writer } from './writer.ts';

const permissions: readonly Permission[] = ['FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP'];
const knownGroups: readonly string[] = [groups.allUsers, groups.authenticatedUsers, groups.logDelivery];

// Grantee codes: the owner, another user, an unknown group's URI, then the known groups.
const ownerCode = 0;
const userCode = 1;
const uriCode = 2;
const groupCode = 3;

const isPrivate = (acl: Acl): boolean => {
  const [grant, ...more] = acl.grants;
  return (
    more.length === 0 &&
    grant?.permission === 'FULL_CONTROL' &&
    grant.grantee.kind === 'user' &&
    grant.grantee.id === acl.owner
  );
};

export function writeGrants(to: Writer, acl: Acl): void {
  if (isPrivate(acl)) {
    to.count(0);
    return;
  }
  to.count(acl.grants.length + 1);
  for (const { grantee, permission } of acl.grants) {
    const right = placeOf(permissions, permission);
    if (grantee.kind === 'user') {
      const own = grantee.id === acl.owner;
      to.byte(right * 8 + (own ? ownerCode : userCode));
      if (!own) to.text(grantee.id);
    } else {
      const group = knownGroups.indexOf(grantee.uri);
      to.byte(right * 8 + (group < 0 ? uriCode : groupCode + group));
      if (group < 0) to.text(grantee.uri);
    }
  }
}

export function readGrants(from: Reader, owner: string): Acl {
  const head = from.count();
  if (head === 0) return { owner, grants: [{ grantee: { kind: 'user', id: owner }, permission: 'FULL_CONTROL' }] };
  const grants: Grant[] = [];
  for (let n = 1; n < head; n++) {
    const code = from.byte();
    grants.push({ grantee: readGrantee(from, owner, code % 8), permission: atPlace(permissions, code >> 3) });
  }
  return { owner, grants };
}

function readGrantee(from: Reader, owner: string, code: number): Grantee {
  if (code === ownerCode) return { kind: 'user', id: owner };
  if (code === userCode) return { kind: 'user', id: from.text() };
  if (code === uriCode) return { kind: 'group', uri: from.text() };
  return { kind: 'group', uri: atPlace(knownGroups, code - groupCode) };
}

export function writeAcl(to: Writer, acl: Acl): void {
  to.text(acl.owner);
  writeGrants(to, acl);
}

export const readAcl = (from: Reader): Acl => readGrants(from, from.text());
