import type { PolicyKind, PolicyRule } from '../model/policy.ts'
import type { StateEvent } from '../model/room.ts'
import type { UserId } from '../model/ids.ts'
import { isPattern, policyTypes } from '../model/policy.ts'
import { matchesGlob } from '../model/glob.ts'
import { safeName } from '../model/names.ts'

/** Rules of one list that are taken. */
export const mostRules = 20_000
/** As long as what it names may be (appendices, "Common Namespace Format"). */
const longestEntity = 255
const longestReason = 200

const bans: ReadonlySet<unknown> = new Set(['m.ban', 'org.matrix.mjolnir.ban'])

/** What no rule may be turned against. */
export type Protected = {
  readonly bot: UserId
  readonly prefix: string
  readonly serverName: string
  /** Where we are on both networks. */
  readonly hosts: readonly string[]
  readonly admins: readonly UserId[]
}

/** What a list says; `ignored`: rules that ask for something else than a ban, or cannot be read. */
export type ReadRules = {
  readonly rules: readonly Omit<PolicyRule, 'at'>[]
  readonly ignored: number
  /** Rules beyond those that are taken. */
  readonly cut: number
}

/** Stands for any name: no letter of it fits but a wildcard. */
const anybody = '\uFFFF'.repeat(40)

function whyNotUser(entity: string, own: Protected): string | undefined {
  const { bot, prefix, serverName, admins } = own
  if (matchesGlob(entity, bot)) return 'it names me'
  if (matchesGlob(entity, `@${anybody}:${serverName}`)) return 'it names everybody on this server'
  const ghosts = [anybody, `${anybody}_${anybody}`]
  if (ghosts.some((name) => matchesGlob(entity, `@${prefix}${name}:${serverName}`)))
    return 'it names everybody whom I bring here'
  return admins.some((admin) => admin === entity) ? 'it names an admin of this bridge' : undefined
}

function whyNotServer(entity: string, { hosts }: Protected): string | undefined {
  const isOwn = hosts.some(
    (host) => matchesGlob(entity, host) || (!isPattern(entity) && host.endsWith(`.${entity}`)),
  )
  return isOwn ? 'it names this server' : undefined
}

function whyNotRoom(entity: string, { serverName }: Protected): string | undefined {
  const rooms = [`!${anybody}`, `!${anybody}:${serverName}`]
  if (rooms.some((room) => matchesGlob(entity, room))) return 'it names every room on this server'
  const isOfAddresses = entity.startsWith('#') && isPattern(entity)
  return isOfAddresses ? 'patterns for addresses of rooms cannot be looked up' : undefined
}

/** Why that rule does not hold here, in words; undefined: it does. */
function whyNot(kind: PolicyKind, entity: string, own: Protected): string | undefined {
  if (kind === 'user') return whyNotUser(entity, own)
  return kind === 'server' ? whyNotServer(entity, own) : whyNotRoom(entity, own)
}

const shapes: Readonly<Record<PolicyKind, RegExp>> = {
  user: /^[@*?][^\s\0]*$/,
  server: /^[^\s\0@!#]+$/,
  room: /^[!#*?][^\s\0]*$/,
}

/** What a rule of that kind is about; undefined: it cannot be read. */
function entityIn(kind: PolicyKind, value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > longestEntity) return undefined
  const entity = value.toWellFormed()
  if (!shapes[kind].test(entity)) return undefined
  // Stars side by side say the same as one.
  return (kind === 'server' ? entity.toLowerCase() : entity).replace(/\*{2,}/g, '*')
}

type Ranked = { readonly event: StateEvent; readonly kind: PolicyKind; readonly age: number }

/** Of the events under one state key, the one whose type has the newest name, though it be empty. */
function newestOf(state: readonly StateEvent[]): readonly Ranked[] {
  const newest = new Map<string, Ranked>()
  for (const event of state) {
    const type = policyTypes.get(event.type)
    if (type === undefined) continue
    const key = `${type.kind} ${event.stateKey}`
    if ((newest.get(key)?.age ?? Infinity) > type.age) newest.set(key, { event, ...type })
  }
  return [...newest.values()].sort((a, b) =>
    a.kind === b.kind ? compare(a.event.stateKey, b.event.stateKey) : compare(a.kind, b.kind),
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function ruleIn({ event, kind }: Ranked, own: Protected): Omit<PolicyRule, 'at'> | undefined {
  const { content, stateKey } = event
  const entity = entityIn(kind, content['entity'])
  if (entity === undefined || !bans.has(content['recommendation'])) return undefined
  const { reason: given } = content
  const reason =
    typeof given === 'string' ? safeName(given.replaceAll('`', "'"), longestReason) : ''
  const refused = whyNot(kind, entity, own)
  return {
    ...{ kind, stateKey, entity },
    ...(reason === '' ? {} : { reason }),
    ...(refused === undefined ? {} : { refused }),
  }
}

/** The rules in the state of a room, as the homeserver has it. Empty events are rules that are gone. */
export function readRules(state: readonly StateEvent[], own: Protected): ReadRules {
  const rules: Omit<PolicyRule, 'at'>[] = []
  let [ignored, cut] = [0, 0]
  for (const ranked of newestOf(state)) {
    if (Object.keys(ranked.event.content).length === 0) continue
    const rule = ruleIn(ranked, own)
    if (rule === undefined) ignored += 1
    else if (rules.length < mostRules) rules.push(rule)
    else cut += 1
  }
  return { rules, ignored, cut }
}
