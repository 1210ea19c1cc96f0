import type { Action } from '../model/action.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { ListedRule, PolicyList, PolicyRule } from '../model/policy.ts'
import type { JobResult } from '../model/job-result.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { PolicyWork } from './policy-jobs.ts'
import type { RoomId } from '../model/ids.ts'
import type { StateEvent } from '../model/room.ts'
import { createPolicyIndex, type PolicyIndex } from '../model/policy-index.ts'
import { RejectedError } from '../model/errors.ts'
import { numbered } from '../model/limits.ts'
import { safeName } from '../model/target.ts'
import { userRule } from './policies.ts'
import { hostNews, ruleNews } from './policy-news.ts'
import { addressJob, leaveListJob, readListJob, rereadJob } from './policy-jobs.ts'
import { followUpgrade } from './policy-upgrades.ts'
import { mostRules, readRules, type Protected, type ReadRules } from './read-policies.ts'
import { adminsOf, tellAdmins } from './admins.ts'

async function protectedBy(deps: Deps): Promise<Protected> {
  const { bot, prefix, serverName, handleDomain, publicUrl } = deps.identity
  const hosts = [serverName, handleDomain, new URL(publicUrl).host]
  const bare = hosts.map((host) => host.replace(/:\d+$/, ''))
  const admins = await adminsOf(deps)
  return { bot, prefix, serverName, hosts: [...new Set([...hosts, ...bare])], admins }
}

/** The rules in that state, as they are taken here. */
export const rulesIn = async (state: readonly StateEvent[], deps: Deps): Promise<ReadRules> =>
  readRules(state, await protectedBy(deps))

const keyOf = ({ kind, stateKey }: Pick<PolicyRule, 'kind' | 'stateKey'>): string =>
  `${kind} ${stateKey}`

type Difference = {
  /** Those that hold from now on are known since now. */
  readonly put: readonly PolicyRule[]
  readonly gone: readonly PolicyRule[]
  readonly all: readonly PolicyRule[]
}

/** What changes where a list says that, of which we know those rules. */
function differenceOf(before: readonly PolicyRule[], read: ReadRules, at: number): Difference {
  const known = new Map(before.map((rule) => [keyOf(rule), rule]))
  const put: PolicyRule[] = []
  const all = read.rules.map((rule): PolicyRule => {
    const old = known.get(keyOf(rule))
    known.delete(keyOf(rule))
    const isSame = old?.entity === rule.entity && old.refused === rule.refused
    if (isSame && old.reason === rule.reason) return old
    const place = isSame && old.roomId !== undefined ? { roomId: old.roomId } : {}
    const fresh = { ...rule, ...place, at: isSame ? old.at : at }
    put.push(fresh)
    return fresh
  })
  return { put, gone: [...known.values()], all }
}

const holds = ({ refused }: PolicyRule): boolean => refused === undefined

/** The index of all rules, when those are the rules of that list. */
async function indexWith(
  list: Pick<PolicyList, 'roomId' | 'name'>,
  rules: readonly PolicyRule[],
  { store }: Deps,
): Promise<PolicyIndex> {
  const listed: ListedRule[] = []
  const add = (some: readonly PolicyRule[], name: string): void => {
    for (const rule of some) if (holds(rule)) listed.push({ ...rule, list: name })
  }
  for (const { roomId, name } of await store.policyLists())
    if (roomId !== list.roomId) add(await store.policyRules(roomId), name)
  add(rules, list.name)
  return createPolicyIndex(listed)
}

const mostNamed = 5

/** Admins hear of rules that do not hold, for they mean them or this server. */
async function tellRefused(
  { name, roomId }: PolicyList,
  rules: readonly PolicyRule[],
  deps: Deps,
): Promise<readonly Change[]> {
  const refused = rules.filter((rule) => !holds(rule))
  if (refused.length === 0) return []
  deps.log.warn({ list: roomId, rules: refused.length }, 'rules of a policy list do not hold here')
  const named = refused
    .slice(0, mostNamed)
    .map(
      ({ kind, entity, refused: why }) =>
        `the rule for the ${kind} ${safeName(entity, 255)}, because ${why ?? ''}`,
    )
  const more = refused.length - named.length
  const rest = more > 0 ? `; and ${String(more)} more` : ''
  const text = `Of the list ${name} I do not take ${named.join('; ')}${rest}. \`policy-list show ${name}\` shows all of it.`
  return tellAdmins({ key: `refused ${roomId} ${String(deps.clock.now())}`, text }, deps)
}

/** Admins whom a rule names by a pattern, or by their server: it does not hold for them. */
async function tellExceptions(
  { name, roomId }: PolicyList,
  rules: readonly PolicyRule[],
  deps: Deps,
): Promise<readonly Change[]> {
  const index = createPolicyIndex(rules.filter(holds).map((rule) => ({ ...rule, list: name })))
  const told: Change[] = []
  for (const admin of await adminsOf(deps)) {
    const rule = userRule(index, admin)
    if (rule === undefined) continue
    deps.log.warn({ list: roomId, admin }, 'a rule of a policy list does not hold for an admin')
    const text = `The list ${name} has a rule for the ${rule.kind} ${rule.entity}. It does not hold for ${admin}, who is an admin here.`
    const key = `exception ${roomId} ${rule.entity} ${admin} ${String(deps.clock.now())}`
    told.push(...(await tellAdmins({ key, text }, deps)))
  }
  return told
}

/** Addresses that led nowhere yet are looked up once a day. */
const unplaced = (list: RoomId, rules: readonly PolicyRule[], at: number): readonly Change[] =>
  rules
    .filter((rule) => holds(rule) && rule.entity.startsWith('#') && rule.roomId === undefined)
    .map((rule) => addressJob(list, rule, at))

/** Admins hear once of what is wrong with a list; its rules stay as they are. */
async function tellTrouble(
  { roomId, name, readAt, trouble: told }: PolicyList,
  trouble: string | undefined,
  deps: Deps,
): Promise<readonly Change[]> {
  if (trouble === undefined || trouble === told) return []
  deps.log.warn({ list: roomId, trouble }, 'a policy list cannot be read as it should be')
  const rest = readAt === 0 ? '' : ' The rules that I know of it stay in force.'
  const text = `The list ${name} is in trouble: ${trouble}.${rest} \`policy-list add ${name}\` tries it again, \`policy-list remove ${name}\` ends it.`
  return tellAdmins({ key: `list ${roomId} ${String(deps.clock.now())}`, text }, deps)
}

type Seen = {
  readonly state: readonly StateEvent[]
  /** When the look at it began. */
  readonly begun: number
  /** What it says of another room, where we could not follow. */
  readonly upgrade?: { readonly to: RoomId; readonly why: string }
}

const cutLine = (cut: number): string =>
  `it has ${numbered(cut, 'rule', 'rules')} more than the ${String(mostRules)} that I take`

/** What the state of its room changes; all of it in one commit. */
async function take(list: PolicyList, seen: Seen, deps: Deps): Promise<readonly Change[]> {
  const { roomId, name, by, addedAt } = list
  const { begun: at, upgrade } = seen
  const read = await rulesIn(seen.state, deps)
  const { put, gone, all } = differenceOf(await deps.store.policyRules(roomId), read, at)
  const fresh = put.filter((rule) => rule.at === at)
  const trouble = upgrade?.why ?? (read.cut > 0 ? cutLine(read.cut) : undefined)
  const now: PolicyList = {
    ...{ roomId, name, by, addedAt, readAt: at, ignored: read.ignored },
    ...(upgrade === undefined ? {} : { next: upgrade.to }),
    ...(trouble === undefined ? {} : { trouble }),
  }
  const isSame = put.length + gone.length === 0
  if (!isSame)
    deps.log.info({ list: roomId, put: put.length, gone: gone.length }, 'a policy list has changed')
  return [
    { change: 'put-policy-list', list: now, put, gone },
    ...(isSame ? [] : await hostNews(await indexWith(list, all, deps), deps)),
    ...(await ruleNews(roomId, fresh.filter(holds), { at, deps })),
    ...unplaced(roomId, all, at),
    ...(await tellRefused(list, fresh, deps)),
    ...(await tellExceptions(list, fresh, deps)),
    ...(await tellTrouble(list, trouble, deps)),
  ]
}

/** Who is out sees a room as it was then, or not at all. */
function isIn(state: readonly StateEvent[], { identity }: Deps): boolean {
  const own = state.find(
    ({ type, stateKey }) => type === 'm.room.member' && stateKey === identity.bot,
  )
  return own?.content['membership'] === 'join'
}

const outOfIt = 'I am not in its room'

/** The state of its room as the homeserver has it, or why we do not know it. */
export async function stateOfList(
  roomId: RoomId,
  deps: Deps,
): Promise<readonly StateEvent[] | string> {
  try {
    const state = await deps.homeserver.roomState(deps.identity.bot, roomId)
    return isIn(state, deps) ? state : outOfIt
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error
    const isOut = error.status === 403 || error.status === 404
    return isOut ? outOfIt : `this server does not show me its state (${error.code ?? ''})`
  }
}

/**
 * Reads a list as the homeserver has it now: nothing else of what comes from its room counts. Safe to
 * run again.
 */
export async function readList(
  { roomId, since }: PolicyWork & { type: 'read-policies' },
  deps: Deps,
): Promise<readonly Change[]> {
  const list = await deps.store.findPolicyList(roomId)
  if (list === undefined || list.readAt > since) return []
  // An admin may end it while its room is read.
  const isStill = { change: 'expect-policy-list', roomId: list.roomId } as const
  return [isStill, ...(await changesOfReading(list, deps))]
}

async function changesOfReading(list: PolicyList, deps: Deps): Promise<readonly Change[]> {
  const begun = deps.clock.now()
  const state = await stateOfList(list.roomId, deps)
  if (typeof state === 'string') {
    const told = await tellTrouble(list, state, deps)
    return [{ change: 'put-policy-list', list: { ...list, trouble: state } }, ...told]
  }
  const upgrade = await followUpgrade(list, state, deps)
  if (upgrade === undefined) return take(list, { state, begun }, deps)
  if ('changes' in upgrade) return upgrade.changes
  if ('isFollowed' in upgrade) return changesOfRemoval(list, deps)
  return take(list, { state, begun, upgrade }, deps)
}

/** What no longer following it changes. */
export async function changesOfRemoval(list: PolicyList, deps: Deps): Promise<readonly Change[]> {
  const { roomId } = list
  return [
    { change: 'remove-policy-list', roomId },
    ...(await hostNews(await indexWith(list, [], deps), deps)),
    leaveListJob(roomId, deps.clock.now()),
  ]
}

/** Somebody put the bot out of the room of a list: reading it finds that out. */
export async function noteListLost(
  { roomId, sender }: Pick<MatrixEvent, 'roomId' | 'sender'>,
  deps: Deps,
): Promise<readonly Action[]> {
  const list = await deps.store.findPolicyList(roomId)
  if (list?.roomId !== roomId || sender === deps.identity.bot) return []
  return [{ do: 'commit', changes: [rereadJob(list.roomId, deps.clock.now())] }]
}

/** What may change the rules of a list. Undefined: it does not, or its room is none. */
export async function receiveListed(
  event: MatrixEvent,
  deps: Deps,
): Promise<JobResult | undefined> {
  const { type, roomId } = event
  if (type !== 'policy' && type !== 'tombstone' && type !== 'redaction') return undefined
  const list = await deps.store.findPolicyList(roomId)
  if (list?.roomId !== roomId) return undefined
  return { outcome: 'noted', changes: [rereadJob(list.roomId, deps.clock.now())] }
}

/** Each list is read again: after a start, and once a day. */
export async function readLists(
  occasion: string,
  { store, clock }: Deps,
): Promise<readonly Change[]> {
  const now = clock.now()
  return (await store.policyLists()).map(({ roomId }) => readListJob(roomId, occasion, now))
}
