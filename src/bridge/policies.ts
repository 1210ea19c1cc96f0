import type { ActorId, RoomId, UserId } from '../model/ids.ts'
import type { Deps, Homeserver, Permission } from './ports.ts'
import type { ListedRule } from '../model/policy.ts'
import { RejectedError } from '../model/errors.ts'
import { isOurs, type Naming } from './matrix-ids.ts'
import { ghostUserId, splitMatrixId } from '../model/names.ts'
import { serverRule, type PolicyIndex } from '../model/policy-index.ts'

/** What the rules of policy lists mean, where each of the things that they name is asked about. */

/** The rule that keeps a Matrix user from using the bridge; none of ours is asked about. */
export function userRule(rules: PolicyIndex, userId: UserId): ListedRule | undefined {
  if (rules.size === 0) return undefined
  const serverName = splitMatrixId(userId, '@')?.serverName
  return (
    rules.find('user', userId) ??
    (serverName === undefined ? undefined : serverRule(rules, serverName))
  )
}

/**
 * Permissions below policy lists: whom a list names may do nothing. Admins may all the same, and so
 * may whoever has a line of their own in the configuration, which counts more than any list.
 */
export function underPolicies(
  permissionOf: (userId: UserId) => Permission,
  {
    policies,
    hasOwnLine,
    identity,
  }: {
    readonly policies: () => PolicyIndex
    readonly hasOwnLine: (userId: UserId) => boolean
    readonly identity: Naming
  },
): (userId: UserId) => Permission {
  return (userId) => {
    const permission = permissionOf(userId)
    if (permission === 'none' || permission === 'admin') return permission
    if (isOurs(userId, { identity }) || hasOwnLine(userId)) return permission
    return userRule(policies(), userId) === undefined ? permission : 'none'
  }
}

type Accounts = Pick<Deps['store'], 'findGhost' | 'findRemoteActor' | 'policies'>

/** The rule that names the account by its ghost, or by the one that it would get. */
export async function accountRule(
  actorId: ActorId,
  store: Accounts,
  identity: Naming,
): Promise<ListedRule | undefined> {
  const rules = store.policies()
  if (rules.size === 0) return undefined
  const ghost = await store.findGhost(actorId)
  if (ghost !== undefined) return rules.find('user', ghost.userId)
  const actor = await store.findRemoteActor(actorId)
  return actor && rules.find('user', ghostUserId(actor, identity))
}

type Rooms = {
  readonly store: Pick<Deps['store'], 'policies' | 'findPolicyList' | 'findPortalByRoom'>
  readonly permissionOf: Deps['permissionOf']
}

/** The rule that keeps us out of that room. Rooms of admins are none of them, nor are those of lists. */
export async function roomRule(
  roomId: RoomId,
  { store, permissionOf }: Rooms,
): Promise<ListedRule | undefined> {
  const rule = store.policies().find('room', roomId)
  if (rule === undefined || (await store.findPolicyList(roomId)) !== undefined) return undefined
  const portal = await store.findPortalByRoom(roomId)
  const isAdmins = (userId: UserId): boolean => permissionOf(userId) === 'admin'
  const isOfAdmins =
    portal?.kind === 'moderation' ||
    (portal !== undefined && 'userId' in portal && isAdmins(portal.userId))
  return isOfAdmins ? undefined : rule
}

/** Nobody of ours enters a room that a rule names. */
export const keepingOut = (homeserver: Homeserver, rooms: Rooms): Homeserver => ({
  ...homeserver,
  join: async (as, roomId) => {
    const rule = await roomRule(roomId, rooms)
    if (rule === undefined) return homeserver.join(as, roomId)
    const code = 'M_FORBIDDEN'
    throw new RejectedError(`${roomId} is named by the list ${rule.list}`, { code, roomId })
  },
})

/** In words, for an admin: which list says it, and why. */
export const byList = ({ list, reason }: Pick<ListedRule, 'list' | 'reason'>): string =>
  `by the list ${list}${reason === undefined ? '' : ` (${reason})`}`
