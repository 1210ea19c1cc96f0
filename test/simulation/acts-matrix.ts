import type { EventId, RoomId } from '../../src/model/ids.ts'
import { asActorId } from '../../src/model/ids.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { noteEdit, type OutFollow, type Place, type PollState } from './ledger.ts'
import type { Posted, Written } from './ledger.ts'
import { actorOf, ghostOf, homeOf, isIn, likelyFollowers, portalOf, profileOf } from './stage.ts'
import type { Act, Stage } from './stage.ts'
import { isBoostLine } from './seen.ts'
import { bot } from './world.ts'

const longAgo = 20 * 60_000

function chatOf(user: FakeUser, { chats }: Stage): RoomId {
  const known = chats.get(user.userId)
  if (known !== undefined) return known
  const roomId = user.createDm(bot)
  chats.set(user.userId, roomId)
  return roomId
}

export const someUser = ({ chance, users, isAway }: Stage): FakeUser | undefined =>
  isAway('homeserver') ? undefined : chance.pick(users)

export const command = (user: FakeUser, line: string, stage: Stage): EventId =>
  user.say(chatOf(user, stage), line)

export const register: Act = async (stage) => {
  const user = someUser(stage)
  if (user === undefined) return undefined
  command(user, stage.chance.pick(['register', 'publish']) ?? 'publish', stage)
  return `${user.userId} registers or publishes`
}

export const askBot: Act = async (stage) => {
  const user = someUser(stage)
  if (user === undefined) return undefined
  const mark = stage.ledger.nextMark()
  command(user, mark, stage)
  stage.ledger.asked.push({ roomId: chatOf(user, stage), mark })
  return `${user.userId} asks the bot for ${mark}`
}

/** One wish at a time: what two rooms say at the same moment has no order. */
export function isSettled(user: FakeUser, account: Account, stage: Stage): boolean {
  const follow = stage.ledger.follows.find((f) => f.user === user && f.account === account)
  const newest = Math.max(follow?.changedAt ?? 0, follow?.moves.at(-1)?.at ?? 0)
  return newest < stage.world.time.now() - longAgo
}

function wish(
  {
    user,
    account,
    place,
    left,
  }: Pick<OutFollow, 'user' | 'account' | 'left'> & { readonly place?: Place },
  { ledger, world }: Stage,
): void {
  const at = world.time.now()
  const wants = place !== undefined
  const known = ledger.follows.find((f) => f.user === user && f.account === account)
  const follow = known ?? { user, account, wants, changedAt: at, moves: [] }
  Object.assign(follow, { wants, changedAt: at, left })
  if (known === undefined) ledger.follows.push(follow)
  if (place !== undefined && follow.moves.at(-1)?.place !== place) follow.moves.push({ place, at })
}

/** Where the bridge will show it: a follow that goes on stays where it is, unless it is moved. */
function placeAsked(how: 'knock' | 'home' | 'plain', known: OutFollow | undefined): Place {
  if (how !== 'plain') return how === 'home' ? 'home' : 'room'
  return known?.wants === true ? (known.moves.at(-1)?.place ?? 'room') : 'room'
}

export const follow: Act = async (stage) => {
  const user = someUser(stage)
  const account = stage.chance.pick(stage.accounts)
  if (user === undefined || account === undefined || !isSettled(user, account, stage))
    return undefined
  if (stage.ledger.blocks.some((b) => b.account === account && b.user === user)) return undefined
  // While its server is away the answer is "try again", and the person gives up.
  if (stage.isAway(account.host)) return undefined
  const portal = await portalOf(account, stage)
  const isKnock =
    portal !== undefined && stage.chance.happens(0.3) && !isMember(user, portal, stage)
  const isHome = !isKnock && stage.themes.has('home') && stage.chance.happens(0.6)
  if (isKnock) user.knock(portal)
  else command(user, `follow ${account.handle}${isHome ? ' --home' : ''}`, stage)
  const known = stage.ledger.follows.find((f) => f.user === user && f.account === account)
  const how = isKnock ? 'knock' : isHome ? 'home' : 'plain'
  wish({ user, account, place: placeAsked(how, known) }, stage)
  return `${user.userId} follows ${account.handle}${how === 'plain' ? '' : ` by ${how}`}`
}

const isMember = (user: FakeUser, roomId: RoomId, { world }: Stage): boolean =>
  (['join', 'invite', 'ban', 'knock'] as const).some((membership) =>
    world.homeserver.members(roomId, membership).includes(user.userId),
  )

export const unfollow: Act = async (stage) => {
  const user = someUser(stage)
  const followed = stage.ledger.follows.filter((f) => f.user === user && f.wants)
  const account = stage.chance.pick(followed)?.account
  if (user === undefined || account === undefined || !isSettled(user, account, stage))
    return undefined
  const portal = await portalOf(account, stage)
  const isInRoom = followed.find((f) => f.account === account)?.moves.at(-1)?.place === 'room'
  const canLeave = portal !== undefined && isInRoom && isIn(user, portal)
  const left = canLeave && stage.chance.happens(0.5) ? portal : undefined
  if (left !== undefined) user.leave(left)
  else command(user, `unfollow ${account.handle}`, stage)
  wish({ user, account, left }, stage)
  return `${user.userId} unfollows ${account.handle}`
}

export const acceptInvites: Act = async (stage) => {
  const user = someUser(stage)
  if (user === undefined) return undefined
  const invites = user.rooms('invite')
  for (const roomId of invites) user.join(roomId)
  return invites.length === 0 ? undefined : `${user.userId} joins ${invites.length} rooms`
}

export type Draft = Pick<Written, 'kind' | 'must' | 'may' | 'to' | 'answers'> & {
  readonly poll?: PollState
  /** The event that it is a reply to. */
  readonly below?: EventId
}

async function write(
  user: FakeUser,
  roomId: RoomId,
  { draft, stage }: { draft: Draft; stage: Stage },
): Promise<Written> {
  const { below, ...rest } = draft
  const mark = stage.ledger.nextMark()
  const eventId =
    below === undefined
      ? user.say(roomId, `hello ${mark}`)
      : stage.chance.happens(0.5)
        ? user.reply(roomId, below, `answer ${mark}`)
        : user.replyInThread(roomId, below, `answer ${mark}`)
  return record(user, { mark, eventId, roomId, draft: rest }, stage)
}

/** Notes what somebody has just sent. */
export async function record(
  user: FakeUser,
  { draft, ...said }: { mark: string; eventId: EventId; roomId: RoomId; draft: Draft },
  stage: Stage,
): Promise<Written> {
  const written: Written = {
    ...{ poll: undefined, ...draft, ...said, by: user, actor: (await actorOf(user, stage))?.id },
    ...{ at: stage.world.time.now(), edits: [], isDeleted: false, pin: undefined },
  }
  stage.ledger.written.push(written)
  return written
}

export const post: Act = async (stage) => {
  const user = someUser(stage)
  const profile = user && (await profileOf(user, stage))
  if (user === undefined || profile === undefined || !isIn(user, profile.roomId)) return undefined
  const { sure, possible } = await likelyFollowers(profile.actorId, stage)
  const draft: Draft = { kind: 'profile', must: sure, may: possible }
  const { mark } = await write(user, profile.roomId, { draft, stage })
  return `${user.userId} publishes ${mark}`
}

/** Posts that stand in that room and are shown. */
function postsIn(roomId: RoomId, { world, ledger }: Stage): { post: Posted; eventId: EventId }[] {
  return world.homeserver.timeline(roomId).flatMap((event) => {
    const content = event['content'] as { body?: unknown; 'm.new_content'?: unknown }
    if (typeof content.body !== 'string' || content['m.new_content'] !== undefined) return []
    const { body } = content
    if (isBoostLine(body)) return []
    // What it quotes is older.
    const found = ledger.posted.findLast(({ mark }) => body.includes(mark))
    return found && !found.isDeleted
      ? [{ post: found, eventId: String(event['event_id']) as EventId }]
      : []
  })
}

/** Where that user reads accounts, their home room first where they have one. */
export async function visibleRooms(user: FakeUser, stage: Stage): Promise<RoomId[]> {
  const rooms: (RoomId | undefined)[] = [await homeOf(user, stage)]
  for (const account of stage.chance.shuffled(stage.accounts))
    rooms.push(await portalOf(account, stage))
  return rooms.filter((roomId) => roomId !== undefined).filter((roomId) => isIn(user, roomId))
}

async function somePostFor(user: FakeUser, stage: Stage) {
  for (const roomId of await visibleRooms(user, stage)) {
    const found = stage.chance.pick(postsIn(roomId, stage))
    if (found !== undefined) return { ...found, roomId }
  }
  return undefined
}

export const reply: Act = async (stage) => {
  const user = someUser(stage)
  const actor = user && (await actorOf(user, stage))
  const found = user && (await somePostFor(user, stage))
  if (user === undefined || actor === undefined || found === undefined) return undefined
  const { by, visibility } = found.post
  const isNarrow = visibility === 'followers' || visibility === 'direct'
  const { possible } = await likelyFollowers(actor.id, stage)
  const isBlocked = stage.ledger.blocks.some((b) => b.account === by && b.user === user)
  const draft: Draft = {
    kind: 'reply',
    must: isBlocked ? [] : [by.id],
    may: isNarrow ? [by.id] : [by.id, ...possible],
    ...(isNarrow ? { to: [by.id] } : {}),
    answers: found.post,
    below: found.eventId,
  }
  const { mark } = await write(user, found.roomId, { draft, stage })
  return `${user.userId} answers ${found.post.mark} with ${mark}`
}

/** Whom what was written to a room is addressed to: their ghosts may still be to come. */
function addressedIn(roomId: RoomId, { world, ledger }: Stage): readonly Account[] {
  const text = JSON.stringify(world.homeserver.timeline(roomId))
  return ledger.posted
    .filter(({ visibility, mark }) => visibility === 'direct' && text.includes(mark))
    .flatMap(({ accounts }) => accounts)
}

/** Accounts whom a room is for, which only has that one user of ours. */
function chatPartners(user: FakeUser, roomId: RoomId, stage: Stage): readonly Account[] {
  const { world, accounts } = stage
  const wasThere = world.homeserver.members(roomId, 'leave')
  const members = [
    ...world.homeserver.members(roomId, 'join'),
    ...world.homeserver.members(roomId, 'invite'),
  ]
  const others = members.filter((id) => id !== user.userId && id !== bot)
  const partners = accounts.filter((account) => others.includes(ghostOf(account)))
  const late = addressedIn(roomId, stage).filter(
    (account) => !partners.includes(account) && !wasThere.includes(ghostOf(account)),
  )
  return partners.length === others.length ? [...partners, ...new Set(late)] : []
}

export const writeDirect: Act = async (stage) => {
  const user = someUser(stage)
  if (user === undefined) return undefined
  const rooms: RoomId[] = []
  for (const roomId of user.rooms('join')) {
    const portal = await stage.world.store.findPortalByRoom(roomId)
    if (portal?.kind === 'direct' && chatPartners(user, roomId, stage).length > 0)
      rooms.push(roomId)
  }
  const isNew = rooms.length === 0 || stage.chance.happens(0.3)
  const partners = stage.chance.shuffled(stage.accounts).slice(0, stage.chance.between(1, 2))
  const roomId = isNew ? user.createDm(...partners.map(ghostOf)) : stage.chance.pick(rooms)
  if (roomId === undefined) return undefined
  const heard = isNew ? partners : chatPartners(user, roomId, stage)
  const draft: Draft = { kind: 'direct', ...(await audienceOf(user, heard, stage)) }
  const marks = [(await write(user, roomId, { draft, stage })).mark]
  if (stage.chance.happens(0.3)) marks.push((await write(user, roomId, { draft, stage })).mark)
  const whom = partnersText(heard)
  return `${user.userId} writes ${marks.join(', ')} to ${whom}${isNew ? ' in a new chat' : ''}`
}

const partnersText = (accounts: readonly Account[]): string =>
  accounts.map(({ handle }) => handle).join(', ')

/** Whoever blocked the author hears nothing, from the moment that the bridge knows of it. */
async function audienceOf(
  user: FakeUser,
  accounts: readonly Account[],
  stage: Stage,
): Promise<Pick<Draft, 'must' | 'may' | 'to'>> {
  const actor = await actorOf(user, stage)
  const must: string[] = []
  const may: string[] = []
  for (const account of accounts) {
    const hasBlocked = stage.ledger.blocks.some((b) => b.account === account && b.user === user)
    const isKnown =
      hasBlocked &&
      actor !== undefined &&
      (await stage.world.store.findBlock(asActorId(account.id), actor.id)) !== undefined
    if (!hasBlocked) must.push(account.id)
    if (!isKnown) may.push(account.id)
  }
  return must.length === may.length ? { must, may, to: must } : { must, may }
}

/** Own messages that still stand, in rooms the author is still in. */
const ownMessages = (user: FakeUser, { ledger }: Stage): Written[] =>
  ledger.written.filter((w) => w.by === user && !w.isDeleted && isIn(user, w.roomId))

export const edit: Act = async (stage) => {
  const user = someUser(stage)
  const own = user && ownMessages(user, stage).filter(({ poll }) => poll === undefined)
  const written = own && stage.chance.pick(own)
  if (written === undefined) return undefined
  const mark = stage.ledger.nextMark()
  const eventId = written.by.edit(written.roomId, written.eventId, `better ${mark}`)
  noteEdit(written, { mark, eventId, at: stage.world.time.now() })
  return `${written.by.userId} changes ${written.mark} to ${mark}`
}

export const remove: Act = async (stage) => {
  const user = someUser(stage)
  const written = user && stage.chance.pick(ownMessages(user, stage))
  if (written === undefined) return undefined
  written.by.redact(written.roomId, written.eventId)
  written.isDeleted = true
  return `${written.by.userId} deletes ${written.mark}`
}

/** A post that somebody can like who has not done so before. */
export async function someLikable(stage: Stage) {
  const { likesOut } = stage.ledger
  for (const user of stage.isAway('homeserver') ? [] : stage.chance.shuffled(stage.users)) {
    const found = (await actorOf(user, stage)) && (await somePostFor(user, stage))
    const isLiked = likesOut.some((known) => known.by === user && known.of === found?.post)
    if (found !== undefined && !isLiked) return { user, ...found }
  }
  return undefined
}

export const like: Act = async (stage) => {
  const found = await someLikable(stage)
  if (found === undefined) return undefined
  const { user, post: of, roomId } = found
  const eventId = user.react(roomId, found.eventId, '👍')
  const given = { by: user, of, roomId, eventId, content: undefined, isUndone: false }
  stage.ledger.likesOut.push(given)
  if (stage.chance.happens(0.2)) {
    user.redact(roomId, eventId)
    given.isUndone = true
  }
  return `${user.userId} likes ${of.mark}`
}

export const unlike: Act = async (stage) => {
  const { ledger, chance } = stage
  const standing = ledger.likesOut.filter((one) => !one.isUndone && isIn(one.by, one.roomId))
  const given = stage.isAway('homeserver') ? undefined : chance.pick(standing)
  if (given === undefined) return undefined
  given.by.redact(given.roomId, given.eventId)
  given.isUndone = true
  return `${given.by.userId} likes ${given.of.mark} no more`
}

export const rename: Act = async (stage) => {
  const user = someUser(stage)
  if (user === undefined) return undefined
  const name = `${user.userId.slice(1, 4)} ${stage.ledger.nextMark()}`
  user.setDisplayName(name)
  stage.ledger.names.set(user.userId, name)
  return `${user.userId} is called ${name} now`
}
