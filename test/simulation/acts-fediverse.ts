import type { RoomId, UserId } from '../../src/model/ids.ts'
import { asActorId } from '../../src/model/ids.ts'
import type { Account, PostOptions, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { LocalActor } from '../../src/model/actor.ts'
import type { Posted, Reader, Written } from './ledger.ts'
import { actorOf, isEverAtHome, portalOf } from './stage.ts'
import type { Act, Stage } from './stage.ts'

export const someAccount = ({ chance, accounts, isAway }: Stage): Account | undefined =>
  chance.pick(accounts.filter(({ host }) => !isAway(host)))

export type Known = { readonly user: FakeUser; readonly actor: LocalActor }

/** People of ours whom the fediverse can know of. */
export async function knownUsers(stage: Stage): Promise<Known[]> {
  const known: Known[] = []
  for (const user of stage.users) {
    const actor = await actorOf(user, stage)
    if (actor !== undefined) known.push({ user, actor })
  }
  return known
}

export const mentionOf = ({ actor }: Known) => ({
  id: actor.id as string,
  name: `@${actor.username}@bridge.example`,
})

/** Whose follow the account and the bridge both know of, and where each of them may read it just then. */
export async function readersOf(account: Account, stage: Stage): Promise<Reader[]> {
  const readers: Reader[] = []
  for (const { user, actor } of await knownUsers(stage)) {
    const follow = await stage.world.store.findFollow(actor.id, asActorId(account.id))
    if (follow?.state !== 'accepted' || !account.followers.has(actor.id)) continue
    const wish = stage.ledger.follows.find((f) => f.user === user && f.account === account)
    const newest = wish?.moves.at(-1)?.place ?? 'room'
    readers.push({ user, places: [...new Set([follow.shownIn, newest])] })
  }
  return readers
}

/** Where a post must appear: in its author's portal, unless somebody reads it at home. */
export async function strictRooms(account: Account, stage: Stage): Promise<RoomId[]> {
  const portal = await portalOf(account, stage)
  const isRead = (await readersOf(account, stage)).length > 0
  return portal === undefined || !isRead || isEverAtHome(account, stage) ? [] : [portal]
}

type Draft = {
  readonly options: PostOptions
  readonly users?: readonly UserId[]
  readonly accounts?: readonly Account[]
  readonly must: readonly RoomId[]
  readonly besides?: readonly RoomId[]
  readonly answers?: Written
  readonly quotes?: Posted
  readonly isSent: boolean
} & Partial<Pick<Posted, 'isChat' | 'wasMissed' | 'readers' | 'poll'>>

export function say(account: Account, draft: Draft, stage: Stage): Posted {
  const { ledger, world } = stage
  const mark = ledger.nextMark()
  const { poll, isSent, isChat = false, wasMissed = false, readers = [] } = draft
  const options = { ...draft.options, content: `post ${mark}` }
  const sent = poll === undefined ? account.post(options) : account.ask(poll.options, options)
  const posted: Posted = {
    ...{ mark, at: world.time.now(), by: account, object: sent.object },
    ...{ edits: [], isDeleted: false, wasOvertaken: false, pin: undefined },
    ...{ poll, isChat, wasMissed, followers: new Set(account.followers) },
    visibility: draft.options.visibility ?? 'public',
    isReply: draft.options.inReplyTo !== undefined,
    must: isSent || wasMissed ? draft.must : [],
    readers: isSent || wasMissed ? readers : [],
    users: draft.users ?? [],
    accounts: draft.accounts ?? [account],
    besides: draft.besides ?? [],
    answers: draft.answers,
    quotes: draft.quotes,
    sentId: isSent ? sent.id : undefined,
  }
  ledger.posted.push(posted)
  if (isSent) world.senders.send(sent)
  return posted
}

export const publicPost: Act = async (stage) => {
  const account = someAccount(stage)
  if (account === undefined) return undefined
  const visibility = stage.chance.pick(['public', 'public', 'unlisted', 'followers'] as const)
  const must = await strictRooms(account, stage)
  const readers = await readersOf(account, stage)
  const isSent = account.followers.size > 0
  const posted = say(
    account,
    { options: { visibility: visibility ?? 'public' }, must, readers, isSent },
    stage,
  )
  return `${account.handle} posts ${posted.mark} (${posted.visibility}${isSent ? '' : ', told nobody'})`
}

/** Of any post, whoever it was for: what may not be shown there is a link and no more. */
export const quotePost: Act = async (stage) => {
  const account = someAccount(stage)
  const { ledger, chance } = stage
  const quotes = chance.pick(ledger.posted.filter(({ isDeleted }) => !isDeleted))
  if (account === undefined || quotes === undefined || account.followers.size === 0)
    return undefined
  const key = chance.pick(['quote', 'quoteUrl', '_misskey_quote']) ?? 'quote'
  const options: PostOptions = { visibility: 'public', extra: { [key]: quotes.object } }
  const must = await strictRooms(account, stage)
  const readers = await readersOf(account, stage)
  const posted = say(account, { options, must, readers, quotes, isSent: true }, stage)
  return `${account.handle} quotes ${quotes.mark} (${quotes.visibility}) in ${posted.mark}`
}

export const directPost: Act = async (stage) => {
  const account = someAccount(stage)
  const known = stage.chance.pick(await knownUsers(stage))
  if (account === undefined || known === undefined) return undefined
  const others = stage.chance.happens(0.2)
    ? stage.accounts.filter((a) => a !== account).slice(0, 1)
    : []
  const mentions = [mentionOf(known), ...others.map(({ id, handle }) => ({ id, name: handle }))]
  const posted = say(
    account,
    {
      options: { visibility: 'direct', mentions },
      users: [known.user.userId],
      accounts: [account, ...others],
      must: [],
      isSent: true,
    },
    stage,
  )
  return `${account.handle} writes ${posted.mark} to ${known.user.userId} and ${others.length} others`
}

/** The object that a message of ours became, as that account got it. */
export function objectOf(written: Written, account: Account, { world }: Stage): string | undefined {
  const { sharedInbox } = world.fediverse.server(account.host)
  for (const { inbox, activity } of world.fediverse.deliveries) {
    if (inbox !== account.inbox && inbox !== sharedInbox) continue
    const object = activity['object'] as { id?: string; content?: string } | undefined
    if (activity['type'] === 'Create' && object?.content?.includes(written.mark) === true)
      return object.id
  }
  return undefined
}

type Read = { readonly account: Account; readonly written: Written; readonly object: string }

/** A message of ours that reached somebody who can answer it. */
export function someRead(stage: Stage): Read | undefined {
  const { chance, accounts, isAway } = stage
  for (const account of chance.shuffled(accounts)) {
    const found = isAway(account.host) ? undefined : someWritten(account, stage)
    if (found !== undefined) return { account, ...found }
  }
  return undefined
}

function someWritten(account: Account, stage: Stage): Omit<Read, 'account'> | undefined {
  const candidates = stage.ledger.written.flatMap((written) => {
    const isShown =
      written.kind === 'profile' && !written.isDeleted && !isBlocking(account, written.by, stage)
    const object = isShown ? objectOf(written, account, stage) : undefined
    return object === undefined ? [] : [{ written, object }]
  })
  return stage.chance.pick(candidates)
}

export const isBlocking = (account: Account, user: FakeUser, { ledger }: Stage): boolean =>
  ledger.blocks.some((b) => b.account === account && b.user === user)

export const replyTo: Act = async (stage) => {
  const read = someRead(stage)
  const actor = read && (await actorOf(read.written.by, stage))
  if (read === undefined || actor === undefined) return undefined
  const { account, written, object } = read
  const options: PostOptions = {
    inReplyTo: object,
    mentions: [mentionOf({ user: written.by, actor })],
    visibility: stage.chance.pick(['public', 'unlisted'] as const) ?? 'public',
  }
  const users = [written.by.userId]
  const must = [written.roomId]
  const draft = { options, users, must, besides: must, answers: written, isSent: true }
  const posted = say(account, draft, stage)
  return `${account.handle} answers ${written.mark} with ${posted.mark}`
}

/** What an account tells about a post goes to whom it told the post. */
function tellOf(posted: Posted, sent: Sent, stage: Stage): void {
  const { world, chance, ledger } = stage
  const isWaiting = posted.sentId !== undefined && !world.senders.takenAt.has(posted.sentId)
  const isFirst = isWaiting && ledger.blocks.length === 0 && chance.happens(0.3)
  if (isFirst) posted.wasOvertaken = true
  world.senders.send(sent, { isFirst })
}

/** Posts that still stand, and of which somebody would be told. */
export const ownPosts = (account: Account, { ledger }: Stage): Posted[] =>
  ledger.posted.filter(
    (p) =>
      p.by === account && !p.isDeleted && (p.sentId !== undefined || account.followers.size > 0),
  )

export const editPost: Act = async (stage) => {
  const account = someAccount(stage)
  const own = account && ownPosts(account, stage).filter(({ poll }) => poll === undefined)
  const posted = own && stage.chance.pick(own)
  if (posted === undefined) return undefined
  const mark = stage.ledger.nextMark()
  tellOf(posted, posted.by.edit(posted.object, `better ${mark}`), stage)
  posted.edits.push(mark)
  for (const follower of posted.by.followers) posted.followers.add(follower)
  return `${posted.by.handle} changes ${posted.mark} to ${mark}`
}

export const deletePost: Act = async (stage) => {
  const account = someAccount(stage)
  const posted = account && stage.chance.pick(ownPosts(account, stage))
  if (posted === undefined) return undefined
  tellOf(posted, posted.by.delete(posted.object), stage)
  posted.isDeleted = true
  return `${posted.by.handle} deletes ${posted.mark}`
}

export const followUser: Act = async (stage) => {
  const account = someAccount(stage)
  const known = stage.chance.pick(await knownUsers(stage))
  if (account === undefined || known === undefined) return undefined
  const { ledger, world } = stage
  const isFollowing = ledger.followers.some(
    (f) => f.account === account && f.user === known.user && f.undoId === undefined,
  )
  if (isFollowing || isBlocking(account, known.user, stage)) return undefined
  const sent = account.follow(known.actor.id)
  world.senders.send(sent)
  ledger.followers.push({
    ...{ account, user: known.user, actor: known.actor.id },
    ...{ askedAt: world.time.now(), id: sent.id },
  })
  return `${account.handle} follows ${known.user.userId}`
}

export const unfollowUser: Act = async (stage) => {
  const account = someAccount(stage)
  const follow = stage.chance.pick(
    stage.ledger.followers.filter((f) => f.account === account && f.undoId === undefined),
  )
  if (account === undefined || follow === undefined) return undefined
  const undo = account.undo({
    ...account.sign({}),
    id: follow.id,
    object: follow.actor,
    activity: { id: follow.id, type: 'Follow', actor: account.id, object: follow.actor },
    by: account,
  })
  stage.world.senders.send(undo)
  follow.undoId = undo.id
  return `${account.handle} unfollows ${follow.user.userId}`
}

export const likePost: Act = async (stage) => {
  const read = someRead(stage)
  if (read === undefined) return undefined
  const { account, written, object } = read
  const { likesIn } = stage.ledger
  const key = '❤️'
  if (likesIn.some((l) => l.account === account && l.of === written && l.key === key))
    return undefined
  const sent = account.like(object)
  stage.world.senders.send(sent)
  const like = { account, of: written, sent, key }
  if (stage.chance.happens(0.3)) {
    const undo = account.undo(sent)
    stage.world.senders.send(undo)
    likesIn.push({ ...like, undoId: undo.id })
  } else likesIn.push(like)
  return `${account.handle} likes ${written.mark}`
}

export const unlikePost: Act = async ({ chance, ledger, world, isAway }) => {
  const standing = ledger.likesIn.filter(
    ({ account, undoId }) => undoId === undefined && !isAway(account.host),
  )
  const given = chance.pick(standing)
  if (given === undefined) return undefined
  const undo = given.account.undo(given.sent)
  world.senders.send(undo)
  given.undoId = undo.id
  return `${given.account.handle} likes ${given.of.mark} no more`
}

export const boostPost: Act = async (stage) => {
  const account = someAccount(stage)
  const { ledger, world, chance } = stage
  const of = chance.pick(
    ledger.posted.filter(
      ({ by, visibility, isDeleted, sentId }) =>
        by !== account &&
        (visibility === 'public' || visibility === 'unlisted') &&
        !isDeleted &&
        sentId !== undefined,
    ),
  )
  if (account === undefined || of === undefined || account.followers.size === 0) return undefined
  if (ledger.boosts.some((b) => b.account === account && b.of === of)) return undefined
  const sent = account.boost(of.object)
  const boost = { account, of, sent, at: world.time.now(), isUndone: false }
  ledger.boosts.push({ ...boost, readers: await readersOf(account, stage) })
  world.senders.send(sent)
  return `${account.handle} boosts ${of.mark}`
}

export const unboostPost: Act = async ({ chance, ledger, world, isAway }) => {
  const standing = ledger.boosts.filter((b) => !b.isUndone && !isAway(b.account.host))
  const given = chance.pick(standing)
  if (given === undefined) return undefined
  world.senders.send(given.account.undo(given.sent))
  given.isUndone = true
  return `${given.account.handle} boosts ${given.of.mark} no more`
}

export const renameAccount: Act = async (stage) => {
  const account = someAccount(stage)
  if (account === undefined) return undefined
  const name = `${account.username} ${stage.ledger.nextMark()}`
  const { sharedInbox } = stage.world.fediverse.server(account.host)
  const sent = account.updateProfile({ name }, sharedInbox)
  stage.world.senders.send(sent)
  stage.ledger.accountNames.set(account.id, { name, id: sent.id })
  return `${account.handle} is called ${name} now`
}

export const blockUser: Act = async (stage) => {
  const account = someAccount(stage)
  const known = stage.chance.pick(await knownUsers(stage))
  if (account === undefined || known === undefined || isBlocking(account, known.user, stage))
    return undefined
  account.followers.delete(known.actor.id)
  const sent = account.block(known.actor.id)
  stage.world.senders.send(sent)
  stage.ledger.blocks.push({ account, user: known.user, id: sent.id })
  return `${account.handle} blocks ${known.user.userId}`
}
