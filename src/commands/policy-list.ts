import type { Action } from '../model/action.ts'
import type { Answer, Command, CommandContext, CommandResult } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { PolicyKind, PolicyList, PolicyRule } from '../model/policy.ts'
import type { RoomAlias, RoomId } from '../model/ids.ts'
import { asRoomAlias, asRoomId } from '../model/ids.ts'
import { TransientError } from '../model/errors.ts'
import { matrixIdOf, matrixVia } from '../model/target.ts'
import { enterList } from '../bridge/enter-list.ts'
import { changesOfRemoval, rulesIn, stateOfList } from '../bridge/policy-lists.ts'
import { readListJob } from '../bridge/policy-jobs.ts'
import { awayBy, usage } from './command.ts'
import { page } from './page.ts'
import { plain } from './admin-plain.ts'
import { timeOf } from '../model/dates.ts'
import { counted, quote } from './words.ts'

const mostLists = 20

/** The room that somebody typed, by id, address or link, and the servers that the link names. */
function roomIn(text: string): { room: RoomId | RoomAlias; via: readonly string[] } | undefined {
  const id = matrixIdOf(text) ?? text
  const via = matrixVia(text)
  if (id.length > 255) return undefined
  if (/^![^\s\0:]+(?::[^\s\0]+)?$/.test(id)) return { room: asRoomId(id), via }
  return /^#[^\s\0:]+:[^\s\0]+$/.test(id) ? { room: asRoomAlias(id), via } : undefined
}

const isAlias = (room: RoomId | RoomAlias): room is RoomAlias => room.startsWith('#')

const serverIn = (room: string): readonly string[] =>
  room.includes(':') ? [room.slice(room.indexOf(':') + 1)] : []

const kinds: readonly PolicyKind[] = ['user', 'server', 'room']

/** How many rules hold, of each kind, and how many do not. */
function countsOf(rules: readonly Pick<PolicyRule, 'kind' | 'refused'>[], ignored: number): string {
  const held = rules.filter(({ refused }) => refused === undefined)
  const named = kinds
    .map((kind) => [kind, held.filter((rule) => rule.kind === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${String(count)} for ${kind}s`)
  const of = named.length === 0 ? '' : ` (${named.join(', ')})`
  const refused = rules.length - held.length
  return [
    `${counted(held.length, 'rule')}${of}`,
    ...(refused === 0 ? [] : [`${String(refused)} not taken`]),
    ...(ignored === 0 ? [] : [`${String(ignored)} passed over`]),
  ].join(', ')
}

async function lineOf(list: PolicyList, { store }: Deps): Promise<string> {
  const { name, roomId, readAt, ignored, trouble } = list
  const where = name === roomId ? '' : ` in ${roomId}`
  const read =
    readAt === 0
      ? 'not read yet'
      : `${countsOf(await store.policyRules(roomId), ignored)}; read on ${timeOf(readAt)}`
  return `${name}${where}: ${read}${trouble === undefined ? '' : `; ${trouble}`}`
}

async function list({ deps }: CommandContext): Promise<Answer> {
  const lists = await deps.store.policyLists()
  if (lists.length === 0)
    return { text: 'No policy list is followed. `policy-list add <room>` follows one.' }
  const lines = await Promise.all(lists.map((one) => lineOf(one, deps)))
  return { text: ['Policy lists that are followed:', ...lines].join('\n') }
}

/** The list that somebody means, by the name that it was given or by its room. */
async function findList(text: string, { store }: Deps): Promise<PolicyList | undefined> {
  const id = matrixIdOf(text) ?? text
  return (await store.policyLists()).find(({ name, roomId }) => name === id || roomId === id)
}

const unknown = (text: string): Answer => ({
  text: `${quote(text)} is not followed. \`policy-list\` shows what is.`,
})

type Wanted = { readonly room: RoomId | RoomAlias; readonly via: readonly string[] }
type Found = { readonly roomId: RoomId; readonly why?: string } | { readonly text: string }

/** The bot goes in. Where only an invite lets it in, the room is known all the same. */
async function enter({ room, via }: Wanted, deps: Deps): Promise<Found> {
  const servers = [...new Set([...via, ...serverIn(room)])].slice(0, 5)
  const entered = await enterList(room, servers, deps)
  if ('roomId' in entered) return entered
  const roomId = isAlias(room) ? await roomBehind(room, deps) : room
  if (entered.isClosed && roomId !== undefined) return { roomId, why: entered.why }
  const hint = isAlias(room) ? '' : ' Name a server that is in it as well, or use its address.'
  return { text: `I cannot join ${quote(room)}: ${entered.why}.${hint}` }
}

const roomBehind = (alias: RoomAlias, { homeserver }: Deps): Promise<RoomId | undefined> =>
  homeserver.resolveAlias(alias)

function actionsOf(followed: PolicyList, { deps, message }: CommandContext): readonly Action[] {
  const changes = [
    { change: 'put-policy-list', list: followed } as const,
    readListJob(
      followed.roomId,
      `added ${message.eventId} ${String(followed.addedAt)}`,
      deps.clock.now(),
    ),
  ]
  return [{ do: 'commit', changes }]
}

/** Follows the list of a room that the bot is in, or waits to be let into. */
async function follow(
  { roomId, why }: { readonly roomId: RoomId; readonly why?: string },
  room: RoomId | RoomAlias,
  context: CommandContext,
): Promise<Answer> {
  const { deps, sender: by } = context
  const known = await deps.store.findPolicyList(roomId)
  if (known === undefined && (await deps.store.policyLists()).length >= mostLists)
    return { text: `${mostLists} lists are followed already; \`policy-list remove\` ends one.` }
  const addedAt = deps.clock.now()
  const followed: PolicyList = known ?? { roomId, name: room, by, addedAt, readAt: 0, ignored: 0 }
  const state = why === undefined ? await stateOfList(roomId, deps) : why
  if (typeof state === 'string') {
    const waiting = { ...followed, trouble: state }
    return {
      text: `I cannot read ${quote(room)} yet: ${state}. Have me invited there, ${deps.identity.bot}, and I follow it from then on. \`policy-list remove ${room}\` forgets it.`,
      actions: [{ do: 'commit', changes: [{ change: 'put-policy-list', list: waiting }] }],
    }
  }
  const { rules, ignored } = await rulesIn(state, deps)
  const refused = rules.some((rule) => rule.refused !== undefined)
  const hint = refused ? ` \`policy-list show ${room}\` says what is not taken, and why.` : ''
  return {
    text: `Following the list ${quote(room)}: ${countsOf(rules, ignored)}.${hint} What changes there holds at once; \`policy-list remove ${room}\` takes all of it back.`,
    actions: actionsOf(followed, { ...context, deps }),
  }
}

async function add(
  [text = '', ...servers]: readonly string[],
  context: CommandContext,
): Promise<CommandResult> {
  const wanted = roomIn(text)
  const isName = (server: string): boolean => /^[\w.:[\]-]{1,230}$/.test(server)
  if (wanted === undefined || !servers.every(isName)) return usage(policyList)
  const { room } = wanted
  try {
    const found = await enter({ room, via: [...servers, ...wanted.via] }, context.deps)
    return 'text' in found ? found : await follow(found, room, context)
  } catch (error) {
    if (error instanceof TransientError && error.of === 'remote')
      return awayBy(serverIn(room)[0] ?? servers[0] ?? room, error)
    throw error
  }
}

async function remove(text: string, { deps }: CommandContext): Promise<Answer> {
  const known = await findList(text, deps)
  if (known === undefined) return unknown(text)
  return {
    text: `The list ${quote(known.name)} is not followed any more, and nothing that it alone named is kept away.`,
    actions: [{ do: 'commit', changes: await changesOfRemoval(known, deps) }],
  }
}

function lineOfRule({ kind, entity, reason, refused }: PolicyRule): string {
  const why = reason === undefined ? '' : ` (${reason})`
  return `${kind} \`${plain(entity)}\`${why}${refused === undefined ? '' : `: not taken, because ${refused}`}`
}

async function show(text: string, { deps }: CommandContext, number?: string): Promise<Answer> {
  const known = await findList(text, deps)
  if (known === undefined) return unknown(text)
  const rules = await deps.store.policyRules(known.roomId)
  if (rules.length === 0) return { text: `The list ${quote(known.name)} has no rules.` }
  // What does not hold is what an admin looks for.
  const first = [...rules].sort(
    (a, b) => Number(a.refused === undefined) - Number(b.refused === undefined),
  )
  const title = {
    title: `Rules of the list ${known.name}`,
    command: `policy-list show ${known.name}`,
    number,
  }
  return page(first.map(lineOfRule), title) ?? usage(policyList)
}

export const policyList: Command = {
  name: 'policy-list',
  args: '[add <room> [server…] | remove <room> | show <room> [page]]',
  help: 'Follows policy lists: rooms on Matrix whose rules ban users, servers and rooms.',
  more: 'A list is named by the address, the id or a link of its room; names of servers that are in it help me to find it. Users whom a rule names, or whose Matrix server it names, may not use me. An account of the fediverse that is named by its Matrix id here is kept away as by `suspend`, a server of the fediverse with all below it as by `block-domain`. I leave a room that is named, and enter it no more. What changes there holds at once. Admins and this server itself are never meant. A line of their own under `permissions` lets somebody in all the same, and `allow-domain` a domain.',
  examples: [
    'policy-list add #bans:example.org',
    'policy-list show #bans:example.org',
    'policy-list',
  ],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 5],
  doing: () => 'Going into the room of the list.',
  run: async ({ args: [deed, room, ...rest] }, context) => {
    if (deed === undefined) return list(context)
    if (room === undefined) return usage(policyList)
    switch (deed.toLowerCase()) {
      case 'add':
        return add([room, ...rest], context)
      case 'remove':
        return rest.length > 0 ? usage(policyList) : remove(room, context)
      case 'show':
        return rest.length > 1 ? usage(policyList) : show(room, context, rest[0])
      default:
        return usage(policyList)
    }
  },
}
