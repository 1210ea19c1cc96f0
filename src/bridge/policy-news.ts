import type { ActorId, RoomId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps, Identity } from './ports.ts'
import { endOf, type PolicyIndex } from '../model/policy-index.ts'
import type { PolicyRule } from '../model/policy.ts'
import { asRoomId, asUserId } from '../model/ids.ts'
import { domainsOf } from '../model/domain-block.ts'
import { isPattern } from '../model/policy.ts'
import { ghostUserId, parseGhostLocalpart, splitMatrixId } from '../model/names.ts'
import { barredJob } from './domain-blocks.ts'
import { isOurs } from './matrix-ids.ts'
import { accountsJob, addressJob, leaveRoomJob, roomsJob } from './policy-jobs.ts'
import { leaveAloneJob } from './wishes.ts'

/** What follows for both networks when rules come or go. */

/** Rooms are told where everything stops, or goes on, when `then` are the rules. */
export async function hostNews(then: PolicyIndex, deps: Deps): Promise<readonly Change[]> {
  const now = deps.store.policies()
  const [barred, freed] = [new Set<string>(), new Set<string>()]
  for (const host of await deps.store.hostsWithRooms()) {
    const before = await deps.store.blockUnder(now, host)
    const after = await deps.store.blockUnder(then, host)
    const [was, is] = [before, after].map((one) => one?.severity === 'suspend')
    if (is === was) continue
    if (is === true && after !== undefined) barred.add(after.domain)
    if (was === true && before !== undefined) freed.add(before.domain)
  }
  const at = deps.clock.now()
  // What is below another one is told with it.
  const outermost = [...freed].filter(
    (one) =>
      !domainsOf(one)
        .slice(1)
        .some((d) => freed.has(d)),
  )
  return [
    ...[...barred].map((domain) => barredJob({ domain, isBarred: true, at })),
    ...outermost.map((domain) => barredJob({ domain, isBarred: false, at })),
  ]
}

/** The account whose ghost is called so; undefined: nobody here has met one. */
async function accountCalled(entity: string, deps: Deps): Promise<ActorId | undefined> {
  const { store, identity } = deps
  const ghost = await store.findGhostByUser(asUserId(entity))
  if (ghost !== undefined) return ghost.actorId
  const name = splitMatrixId(entity, '@')
  const handle = name && parseGhostLocalpart(identity.prefix, name.localpart)
  const actor = handle && (await store.findRemoteActorByHandle(handle))
  return actor && ghostUserId(actor, identity) === entity ? actor.id : undefined
}

/** Whether a pattern may fit somebody on our server, by what it ends with. */
function mayBeHere(entity: string, { serverName }: Identity): boolean {
  const end = endOf(entity)
  const ours = `:${serverName}`
  return ours.endsWith(end) || end.endsWith(ours)
}

async function accountNews(
  rules: readonly PolicyRule[],
  at: number,
  deps: Deps,
): Promise<readonly Change[]> {
  const changes: Change[] = []
  let isSweep = false
  for (const { entity } of rules.filter(({ kind }) => kind === 'user')) {
    if (isPattern(entity)) isSweep ||= mayBeHere(entity, deps.identity)
    else if (isOurs(asUserId(entity), deps)) {
      const account = await accountCalled(entity, deps)
      if (account !== undefined) changes.push(leaveAloneJob(account, `list ${String(at)}`))
    }
  }
  return isSweep ? [...changes, accountsJob(at)] : changes
}

export async function isSomebodyIn(roomId: RoomId, deps: Deps): Promise<boolean> {
  const members = await deps.store.membersOf(roomId, ['join', 'invite'])
  return members.some((userId) => isOurs(userId, deps))
}

async function roomNews(
  list: RoomId,
  rules: readonly PolicyRule[],
  { at, deps }: { readonly at: number; readonly deps: Deps },
): Promise<readonly Change[]> {
  const changes: Change[] = []
  let isSweep = false
  for (const rule of rules.filter(({ kind }) => kind === 'room')) {
    const { entity } = rule
    if (isPattern(entity)) isSweep = true
    else if (entity.startsWith('#')) changes.push(addressJob(list, rule, at))
    else if (await isSomebodyIn(asRoomId(entity), deps))
      changes.push(leaveRoomJob(asRoomId(entity), at))
  }
  return isSweep ? [...changes, roomsJob(at)] : changes
}

/** What rules of that list do that hold from now on. */
export const ruleNews = async (
  list: RoomId,
  rules: readonly PolicyRule[],
  where: { readonly at: number; readonly deps: Deps },
): Promise<readonly Change[]> => [
  ...(await accountNews(rules, where.at, where.deps)),
  ...(await roomNews(list, rules, where)),
]
