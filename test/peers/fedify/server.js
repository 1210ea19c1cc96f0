/** A federation server on Fedify, driven over its control port (../shared/control.mjs). */
import { randomUUID } from 'node:crypto'
import http from 'node:http'
import {
  createExponentialBackoffPolicy,
  createFederation,
  generateCryptoKeyPair,
  InProcessMessageQueue,
  MemoryKvStore,
} from '@fedify/fedify'
import {
  Accept,
  Activity,
  Announce,
  Audio,
  Block,
  Collection,
  Create,
  Delete,
  Document,
  Emoji,
  EmojiReact,
  Endpoints,
  Follow,
  Image,
  Like,
  Mention,
  Note,
  Person,
  PUBLIC_COLLECTION,
  Question,
  QuoteRequest,
  Reject,
  Tombstone,
  Undo,
  Update,
  Video,
} from '@fedify/vocab'
import { Temporal } from '@js-temporal/polyfill'
import * as control from '../shared/control.mjs'
import { accountsThemselves, makeRsaPair, saidOf, toOriginal, watchRequests } from './accounts.js'
import { chatFeatures, chats } from './chats.js'
import { quotesAndPins } from './quotes.js'

const settings = control.readArguments()
const origin = `http://${settings.host}:${settings.port}`
const accounts = new Map()
for (const name of settings.accounts) {
  const keys = [await makeRsaPair(), await generateCryptoKeyPair('Ed25519')]
  accounts.set(name, { name, keys, followers: new Map(), following: new Set() })
}
const objects = new Map()
const activities = new Map()
const watched = watchRequests()
const inbox = control.makeInboxLog()
let held = settings.locked

/** Tries again soon and for long: a test has no hours, and the other server may be restarting. */
const retryPolicy = createExponentialBackoffPolicy({
  initialDelay: { milliseconds: 200 },
  maxDelay: { seconds: 2 },
  maxAttempts: 60,
})
const federation = createFederation({
  kv: new MemoryKvStore(),
  queue: new InProcessMessageQueue({ pollInterval: { milliseconds: 100 } }),
  origin,
  allowPrivateAddress: true,
  circuitBreaker: false,
  firstKnock: settings.cavageFirst ? 'draft-cavage-http-signatures-12' : 'rfc9421',
  outboxRetryPolicy: retryPolicy,
  inboxRetryPolicy: retryPolicy,
  onOutboxError: (error) => console.error('outbox', error.message),
})
const context = () => federation.createContext(new URL(origin), undefined)

federation
  .setActorDispatcher('/users/{identifier}', async (ctx, identifier) => {
    if (!accounts.has(identifier)) return null
    if (accounts.get(identifier).isGone) return new Tombstone({ id: ctx.getActorUri(identifier) })
    const keys = await ctx.getActorKeyPairs(identifier)
    return new Person({
      id: ctx.getActorUri(identifier),
      preferredUsername: identifier,
      name: accounts.get(identifier).displayName ?? `${identifier} of fedify`,
      inbox: ctx.getInboxUri(identifier),
      outbox: ctx.getOutboxUri(identifier),
      followers: ctx.getFollowersUri(identifier),
      following: ctx.getFollowingUri(identifier),
      featured: ctx.getFeaturedUri(identifier),
      endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
      manuallyApprovesFollowers: held,
      ...saidOf(accounts.get(identifier)),
      publicKey: keys[0].cryptographicKey,
      assertionMethods: keys.map((key) => key.multikey),
    })
  })
  .setKeyPairsDispatcher((_ctx, identifier) => accounts.get(identifier)?.keys ?? [])
federation.setFollowersDispatcher('/users/{identifier}/followers', (_ctx, identifier) => ({
  items: [...(accounts.get(identifier)?.followers.values() ?? [])],
}))
federation.setFollowingDispatcher('/users/{identifier}/following', (_ctx, identifier) => ({
  items: [...(accounts.get(identifier)?.following ?? [])].map((id) => new URL(id)),
}))
federation.setOutboxDispatcher('/users/{identifier}/outbox', (ctx, identifier) => {
  const actor = ctx.getActorUri(identifier).href
  const isShown = (activity) =>
    activity instanceof Create &&
    activity.actorId.href === actor &&
    activity.toIds.some((to) => to.href === PUBLIC_COLLECTION.href) &&
    objects.get(activity.objectId.href) instanceof Note
  return { items: [...activities.values()].filter(isShown).reverse() }
})
federation.setObjectDispatcher(Note, '/notes/{id}', (_ctx, { id }) => {
  const object = objects.get(`${origin}/notes/${id}`)
  const isPublic = object?.toIds
    ?.concat(object.ccIds)
    .some((to) => to.href === PUBLIC_COLLECTION.href)
  return isPublic || object instanceof Tombstone ? object : null
})
federation.setNodeInfoDispatcher('/nodeinfo/2.1', () => ({
  software: { name: settings.software, version: '1.0.0' },
  protocols: ['activitypub'],
  ...(settings.chats && { metadata: chatFeatures }),
  usage: { users: { total: accounts.size }, localPosts: objects.size, localComments: 0 },
}))
federation
  .setInboxListeners('/users/{identifier}/inbox', '/inbox')
  .on(Follow, async (ctx, follow) => {
    const target = ctx.parseUri(follow.objectId)
    if (target?.type !== 'actor' || !accounts.has(target.identifier)) return
    activities.set(follow.id.href, follow)
    if (!held) await acceptFollow(target.identifier, follow)
  })
  .on(Accept, async (ctx, accept) => {
    const follow = activities.get(accept.objectId?.href)
    const by = follow && ctx.parseUri(follow.actorId)
    if (by?.type === 'actor') accounts.get(by.identifier).following.add(follow.objectId.href)
  })
  .on(Undo, async (ctx, undo) => {
    const follow = activities.get(undo.objectId?.href)
    const target = follow instanceof Follow ? ctx.parseUri(follow.objectId) : undefined
    if (target?.type !== 'actor') return
    accounts.get(target.identifier)?.followers.delete(follow.actorId.href)
  })
  .on(Create, async (ctx, create) => {
    await chatting.hear(ctx, create)
    await themselves.forwardReply(ctx, create)
  })
  .on(Delete, (_ctx, removal) => chatting.forget(removal))
  .on(QuoteRequest, (_ctx, request) => void activities.set(request.id.href, request))
  .on(Activity, () => {}) // whatever else arrives is kept by the log

async function send(name, recipients, activity) {
  activities.set(activity.id.href, activity)
  const orderingKey = `${name} ${activity.objectId?.href ?? activity.id.href}`
  await context().sendActivity({ identifier: name }, recipients, activity, { orderingKey })
  return activity.id.href
}

const newId = () => new URL(`${origin}/activities/${randomUUID()}`)
const actorUri = (name) => {
  if (!accounts.has(name)) throw new Error(`no account ${name}`)
  return context().getActorUri(name)
}

/** Looks an actor up by id, as its signed document says it. */
async function lookUp(id) {
  const actor = await context().lookupObject(new URL(id))
  if (!actor?.inboxId) throw new Error(`no actor at ${id}`)
  return actor
}

async function acceptFollow(name, follow) {
  const follower = await lookUp(follow.actorId)
  accounts.get(name).followers.set(follower.id.href, follower)
  return send(name, follower, new Accept({ id: newId(), actor: actorUri(name), object: follow }))
}

/** Everybody an audience names: followers by their collection, the rest by their ids. */
async function recipientsOf(name, { tos, ccs }) {
  const followers = context().getFollowersUri(name).href
  const ids = [...tos, ...ccs].map((url) => url.href)
  // Followers of others are for their own servers to tell.
  const named = ids.filter((id) => !id.endsWith('/followers') && id !== PUBLIC_COLLECTION.href)
  const found = await Promise.all(named.map(lookUp))
  return ids.includes(followers) ? [...accounts.get(name).followers.values(), ...found] : found
}

function audienceOf(name, { visibility = 'public', mentions = [] }) {
  const followers = context().getFollowersUri(name).href
  const { to, cc } = control.addressing({ visibility, followers, mentions })
  return { tos: to.map((id) => new URL(id)), ccs: cc.map((id) => new URL(id)) }
}

const audienceOfNote = (note) => ({ tos: note.toIds, ccs: note.ccIds })

/** Says something about an own note, to the note's readers. */
async function sendAbout(name, Type, note, object) {
  const audience = audienceOfNote(note)
  const activity = new Type({ id: newId(), actor: actorUri(name), object, ...audience })
  return { activity: await send(name, await recipientsOf(name, audience), activity) }
}

/** A custom emoji, by its name without colons. */
const emojiOf = ({ name, url }) =>
  new Emoji({ id: new URL(url), name: `:${name}:`, icon: new Image({ url: new URL(url) }) })

/** Files as other servers list them, each of the type that its kind of bytes has. */
const filesOf = (attachments) =>
  attachments.map(({ url, mediaType, name, width, height }) => {
    const types = { image: Image, video: Video, audio: Audio }
    const Type = types[mediaType.split('/')[0]] ?? Document
    return new Type({ url: new URL(url), mediaType, name, width, height })
  })

const world = { accounts, objects, activities, context, send, sendAbout, actorUri, lookUp, newId }
const chatting = chats({ origin, world })
const themselves = accountsThemselves({ federation, origin, world })

const operations = {
  ...inbox.operations,
  ...quotesAndPins({ federation, origin, world }),
  ...chatting.operations,
  ...themselves.operations,
  ...watched,
  accounts: () =>
    [...accounts.keys()].map((name) => ({
      name,
      id: actorUri(name).href,
      handle: `@${name}@${settings.host}:${settings.port}`,
      inbox: context().getInboxUri(name).href,
    })),
  hold: ({ on }) => void (held = Boolean(on)),
  followers: ({ as }) => [...accounts.get(as).followers.keys()],
  following: ({ as }) => [...accounts.get(as).following],
  async follow({ as, actor }) {
    const target = await lookUp(actor)
    const follow = new Follow({
      id: newId(),
      actor: actorUri(as),
      object: target.id,
      to: target.id,
    })
    return { activity: await send(as, target, follow) }
  },
  async unfollow({ as, actor, activity }) {
    accounts.get(as).following.delete(actor)
    const object = activities.get(activity)
    await send(as, await lookUp(actor), new Undo({ id: newId(), actor: actorUri(as), object }))
  },
  async answer({ as, activity, accept }) {
    const follow = activities.get(activity)
    if (!follow) throw new Error(`no follow ${activity}`)
    if (accept) return { activity: await acceptFollow(as, follow) }
    const reject = new Reject({ id: newId(), actor: actorUri(as), object: follow })
    return { activity: await send(as, await lookUp(follow.actorId), reject) }
  },
  async block({ as, actor }) {
    const target = await lookUp(actor)
    accounts.get(as).followers.delete(actor)
    const fields = { id: newId(), actor: actorUri(as), object: target.id, to: target.id }
    return { activity: await send(as, target, new Block(fields)) }
  },
  async post({ as, content, mentions = [], visibility, attachments = [], emojis = [], ...rest }) {
    const { inReplyTo, summary, original, cc = [] } = rest
    const named = audienceOf(as, { visibility, mentions })
    const audience = { ...named, ccs: [...named.ccs, ...cc.map((id) => new URL(id))] }
    const note = new Note({
      id: new URL(`${origin}/notes/${randomUUID()}`),
      attribution: actorUri(as),
      content,
      published: Temporal.Now.instant(),
      ...audience,
      ...(inReplyTo && { replyTarget: new URL(inReplyTo) }),
      ...(summary && { summary }),
      ...(original && { url: toOriginal(original) }),
      tags: [
        ...mentions.map((href) => new Mention({ href: new URL(href), name: href })),
        ...emojis.map(emojiOf),
      ],
      attachments: filesOf(attachments),
    })
    objects.set(note.id.href, note)
    return { object: note.id.href, ...(await sendAbout(as, Create, note, note)) }
  },
  async ask({ as, content, options }) {
    const question = new Question({
      id: new URL(`${origin}/notes/${randomUUID()}`),
      attribution: actorUri(as),
      content,
      published: Temporal.Now.instant(),
      ...audienceOf(as, {}),
      exclusiveOptions: options.map(
        (name) => new Note({ name, replies: new Collection({ totalItems: 0 }) }),
      ),
      voters: 0,
    })
    objects.set(question.id.href, question)
    return { object: question.id.href, ...(await sendAbout(as, Create, question, question)) }
  },
  async vote({ as, poll, to, choice }) {
    const vote = new Note({
      id: new URL(`${origin}/notes/${randomUUID()}`),
      attribution: actorUri(as),
      name: choice,
      replyTarget: new URL(poll),
      tos: [new URL(to)],
    })
    return sendAbout(as, Create, vote, vote)
  },
  async update({ as, object, content, attachments }) {
    const files = attachments && { attachments: filesOf(attachments) }
    const updated = Temporal.Now.instant()
    const note = objects.get(object).clone({ content, updated, ...files })
    objects.set(object, note)
    return sendAbout(as, Update, note, note)
  },
  async remove({ as, object }) {
    const tombstone = new Tombstone({ id: new URL(object), deleted: Temporal.Now.instant() })
    const note = objects.get(object)
    objects.set(object, tombstone)
    return sendAbout(as, Delete, note, tombstone)
  },
  async like({ as, object, to }) {
    const like = new Like({
      id: newId(),
      actor: actorUri(as),
      object: new URL(object),
      to: new URL(to),
    })
    return { activity: await send(as, await lookUp(to), like) }
  },
  async react({ as, object, to, emoji }) {
    const react = new EmojiReact({
      id: newId(),
      actor: actorUri(as),
      object: new URL(object),
      to: new URL(to),
      content: `:${emoji.name}:`,
      tags: [emojiOf(emoji)],
    })
    return { activity: await send(as, await lookUp(to), react) }
  },
  async boost({ as, object, to }) {
    const audience = audienceOf(as, { mentions: [to].flat() })
    const boost = new Announce({
      id: newId(),
      actor: actorUri(as),
      object: new URL(object),
      ...audience,
    })
    return { activity: await send(as, await recipientsOf(as, audience), boost) }
  },
  /** Takes back a Like or an Announce. */
  async undo({ as, activity, to }) {
    const object = activities.get(activity)
    await send(as, await lookUp(to), new Undo({ id: newId(), actor: actorUri(as), object }))
  },
}

async function answer(req, res) {
  const body = await control.readBody(req)
  const isInbox = req.method === 'POST'
  const refusal = isInbox ? refusalOf(req) : undefined
  const status = refusal ?? (await federate(req, res, body))
  if (!res.headersSent) res.writeHead(status).end()
  if (isInbox) inbox.record({ path: req.url, headers: req.headers, body, status })
}

const refusalOf = ({ headers }) => {
  if (inbox.isFailing()) return 500
  return settings.newestOnly && headers['signature-input'] === undefined ? 401 : undefined
}

async function federate(req, res, body) {
  const request = new Request(new URL(req.url, origin), {
    method: req.method,
    headers: req.headers,
    ...(body.length > 0 && { body }),
  })
  const response = await federation.fetch(request, { contextData: undefined })
  const text = Buffer.from(await response.arrayBuffer())
  res.writeHead(response.status, Object.fromEntries(response.headers)).end(text)
  return response.status
}

const server = http.createServer((req, res) => {
  answer(req, res).catch((error) => {
    console.error(error)
    if (!res.headersSent) res.writeHead(500)
    res.end()
  })
})
await control.listen(server, settings.port)
await control.serveControl(settings.control, operations)
control.announceReady()
